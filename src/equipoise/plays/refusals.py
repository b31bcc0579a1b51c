"""What operators are told: why an item was refused, and why two people were not joined. English, French.

To add one, add its row here and to `docs/reasons.md`.
"""

Phrase = tuple[str, str]
"""One sentence or two, in English and in French."""

REFUSED: dict[str, Phrase] = {
    "bad_json": (
        "The body is not JSON of the shape that the address asks for.",
        "Le corps n’est pas du JSON de la forme que l’adresse demande.",
    ),
    "bad_events": (
        "The row is not a list of events.",
        "La ligne n’est pas une liste d’événements.",
    ),
    "bad_time": (
        "A time cannot be read, or lies outside of what can be.",
        "Une date est illisible ou impossible.",
    ),
    "item_not_an_object": (
        "An item of the batch is not an object.",
        "Un élément du lot n’est pas un objet.",
    ),
    "event_too_large": (
        "The event has more bytes than an event may have.",
        "L’événement dépasse la taille permise.",
    ),
    "too_large": (
        "It is larger than allowed.",
        "C’est plus grand que ce qui est permis.",
    ),
    "too_many": (
        "There are more items than one request may hold.",
        "Il y a plus d’éléments qu’une requête ne peut en contenir.",
    ),
    "too_many_events": (
        "There are more events than one request may hold.",
        "Il y a plus d’événements qu’une requête ne peut en contenir.",
    ),
    "type_unknown": (
        "The item does not name a type of call that is known.",
        "L’élément ne nomme aucun type d’appel connu.",
    ),
    "unknown_kind": (
        "There is no such kind of event here.",
        "Ce genre d’événement n’existe pas ici.",
    ),
    "message_id_too_long": (
        "The message id has more than 100 characters.",
        "L’identifiant du message dépasse 100 caractères.",
    ),
    "identity_missing": (
        "The item names nobody: neither a user id nor an anonymous id.",
        "L’élément ne nomme personne : ni utilisateur ni identifiant anonyme.",
    ),
    "event_missing": (
        "The track call does not name its event.",
        "L’appel track ne nomme pas son événement.",
    ),
    "no_identity": (
        "Nothing in it says whom it is about.",
        "Rien n’y dit de qui il s’agit.",
    ),
    "public_key_needs_anonymous_id": (
        "A public key speaks only for an anonymous id, and there is none.",
        "Une clé publique ne parle que pour un identifiant anonyme, et il n’y en a pas.",
    ),
    "public_cannot_join": (
        "A public key cannot say that two people are one.",
        "Une clé publique ne peut pas dire que deux personnes n’en font qu’une.",
    ),
    "public_cannot_grant": (
        "A public key cannot widen what a known person allows.",
        "Une clé publique ne peut pas élargir ce qu’une personne connue permet.",
    ),
    "illegal_handle": (
        "The identifier is a word that stands for nobody, such as null or guest.",
        "L’identifiant est un mot qui ne désigne personne, comme null ou guest.",
    ),
    "handle_illegal": (
        "The identifier is a word that stands for nobody, such as null or guest.",
        "L’identifiant est un mot qui ne désigne personne, comme null ou guest.",
    ),
    "handle_kind_unknown": (
        "People are not recognised by this kind of identifier.",
        "Ce genre d’identifiant ne sert pas à reconnaître les personnes.",
    ),
    "handle_malformed": (
        "The identifier does not have the form of its kind.",
        "L’identifiant n’a pas la forme attendue.",
    ),
    "handle_not_trusted": (
        "A public key may not show this kind of identifier.",
        "Une clé publique ne peut pas présenter ce genre d’identifiant.",
    ),
    "terms_malformed": (
        "What the person allows could not be read from it.",
        "Ce que la personne permet n’a pas pu y être lu.",
    ),
    "felt_malformed": (
        "What the person felt could not be read from it.",
        "Ce que la personne a ressenti n’a pas pu y être lu.",
    ),
    "intent_malformed": (
        "What the person is looking for could not be read from it.",
        "Ce que la personne cherche n’a pas pu y être lu.",
    ),
    "intent_too_many": (
        "There are more intents than are kept of one person.",
        "Il y a plus de recherches qu’il n’en est gardé par personne.",
    ),
    "aim_malformed": (
        "What the person wants of themselves could not be read from it.",
        "Ce que la personne veut pour elle-même n’a pas pu y être lu.",
    ),
    "aim_too_many": (
        "There are more aims than are kept of one person.",
        "Il y a plus d’objectifs qu’il n’en est gardé par personne.",
    ),
    "terms_too_many": (
        "There are more answers than are kept of one person.",
        "Il y a plus de réponses qu’il n’en est gardé par personne.",
    ),
    "person_too_large": (
        "More is known of this person than can be kept in one place.",
        "On en sait plus sur cette personne que ce qui peut être gardé.",
    ),
}
"""Why an item that arrived was not taken."""

HELD_JOINS: dict[str, Phrase] = {
    "strong_conflict": (
        "Both people have an identifier that only one person can have.",
        "Les deux personnes ont chacune un identifiant qu’une seule peut avoir.",
    ),
    "cannot_link": (
        "The two were taken apart before, and must not be joined again.",
        "Les deux ont été séparées et ne doivent plus être réunies.",
    ),
    "too_large": (
        "Together they would have more identifiers than one person has.",
        "Réunies, elles auraient plus d’identifiants qu’une personne n’en a.",
    ),
}
"""Why two people were not joined; told apart from `PHRASES`, since `too_large` is in both."""
