"""Records as another reads them: rdflib parses them as RDF, pySHACL holds them against shapes, offline."""

import copy
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from pyshacl import validate
from rdflib import RDF, Graph, Literal, URIRef

from equipoise.nouns.agreements import NAMESPACE, ROSTER
from equipoise.rights.records import agreement_jsonld, consents_jsonld
from equipoise.rights.records.dpv import BASES, RIGHTS
from equipoise.rights.records.purposes import PURPOSES
from rights.test_records import AGREED, HOUSE, NOTICE, acts, records, said

# rdflib warns of its own use of what it will take away.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
SHAPES = Graph().parse(Path(__file__).with_name("consent_shapes.ttl"))
DPV, GDPR, PD = (
    "https://w3id.org/dpv#",
    "https://w3id.org/dpv/legal/eu/gdpr#",
    "https://w3id.org/dpv/pd#",
)
DCT = "http://purl.org/dc/terms/"

CLASSES = frozenset(
    [
        "ActivityCompleted",
        "ActivityOngoing",
        "ConsentGiven",
        "ConsentNotice",
        "ConsentRecord",
        "ConsentRefused",
        "ConsentWithdrawn",
        "DataController",
        "DataSubject",
        "Process",
        "Profiling",
        "RenewedConsentGiven",
        "RightExerciseActivity",
        "RightExerciseRecord",
        "StorageDuration",
        "StorageLocation",
        "UntilEventDuration",
        "Use",
        "WithdrawConsent",
        "DirectMarketing",
        "Marketing",
        "ServicePersonalisation",
        "ServiceProvision",
        "ServiceUsageAnalytics",
        "TargetedAdvertising",
    ]
)
PROPERTIES = frozenset(
    [
        "hasAddress",
        "hasConsentControl",
        "hasConsentStatus",
        "hasContact",
        "hasDataController",
        "hasDataSubject",
        "hasDuration",
        "hasIndicationMethod",
        "hasJurisdiction",
        "hasLegalBasis",
        "hasLocation",
        "hasName",
        "hasNotice",
        "hasPersonalData",
        "hasProcess",
        "hasProcessing",
        "hasPurpose",
        "hasRecipient",
        "hasRight",
        "hasStatus",
        "hasStorageCondition",
        "isExercisedAt",
        "isIndicatedAtTime",
        "isIndicatedBy",
    ]
)
"""Terms of the Data Privacy Vocabulary 2.3 (dpv.csv of 25 February 2026) that we use, and no others."""


def graph_of(document) -> Graph:
    """The document as RDF; its context stands within it, so that nothing is fetched."""
    return Graph().parse(data=msgspec.json.encode(document), format="json-ld")


def conforms(document) -> tuple[bool, str]:
    valid, _, text = validate(graph_of(document), shacl_graph=SHAPES, advanced=False)
    return valid, text


def everything():
    """A consent given, withdrawn and renewed, and an objection made and lifted."""
    return consents_jsonld(
        records(
            said("terms.granted", 1, purpose="marketing", notice=NOTICE),
            said("terms.withdrawn", 2, purpose="marketing"),
            said("terms.granted", 3, purpose="marketing"),
            said("terms.objected", 4, purpose="analytics"),
            said("terms.granted", 5, purpose="analytics"),
        ),
        HOUSE,
    )


def test_every_term_that_is_used_is_in_the_vocabulary():
    graph = graph_of(everything())
    used = {str(term) for triple in graph for term in triple[1:] if isinstance(term, URIRef)}
    used |= {meant.dpv.replace("dpv:", DPV) for meant in PURPOSES.values()}
    assert {one for one in used if one.startswith(DPV)} <= {DPV + t for t in CLASSES | PROPERTIES}
    assert {str(p) for p in graph.predicates() if str(p).startswith(DPV)} <= {
        DPV + name for name in PROPERTIES
    }
    articles = {f"{GDPR}{name}" for name in RIGHTS} | {
        basis.replace("eu-gdpr:", GDPR) for basis in BASES.values()
    }
    assert {one for one in used if one.startswith(GDPR)} <= articles
    assert {one for one in used if one.startswith(PD)} <= {f"{PD}Contact", f"{PD}Behavioral"}


@settings(max_examples=15)
@given(acts)
def test_every_history_keeps_to_the_shapes(acts):
    found = records(*(said(kind, at, **told) for at, (kind, told) in enumerate(acts)))
    document = consents_jsonld(found, HOUSE)
    valid, text = conforms(document)
    assert valid, text
    graph = graph_of(document)
    assert len(set(graph.subjects(RDF.type, None))) >= len(found)


@pytest.mark.parametrize(
    ("path", "named"),
    [
        (("dct:identifier",), "record_id"),
        (("dct:conformsTo",), "schema_version"),
        (("dpv:hasDataSubject",), "pii_principal_id"),
        (("dpv:hasConsentStatus",), "event"),
        (("dpv:hasConsentStatus", 0, "dpv:isIndicatedAtTime"), "event"),
        (("dpv:hasConsentStatus", 0, "dpv:isIndicatedBy"), "event"),
        (("dpv:hasNotice", 0, "dct:language"), "privacy_notice"),
        (("dpv:hasProcess",), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasPurpose"), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasLegalBasis"), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasPersonalData"), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasDataController", 0, "dpv:hasName"), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasStorageCondition", 1), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasJurisdiction"), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasConsentControl"), "pii_processing"),
        (("dpv:hasProcess", 0, "dpv:hasRight"), "pii_processing"),
    ],
)
def test_a_record_that_lacks_what_the_standard_asks_for_is_refused_by_its_name(path, named):
    document = copy.deepcopy(everything())
    place = next(one for one in document["@graph"] if "dpv:hasConsentStatus" in one)
    document["@graph"] = [place]
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    valid, text = conforms(document)
    assert not valid
    assert f"Message: {named}" in text


def test_an_objection_names_its_right_and_whether_it_stands():
    graph = graph_of(everything())
    activities = set(graph.subjects(RDF.type, URIRef(f"{DPV}RightExerciseActivity")))
    states = {
        str(state).removeprefix(DPV)
        for activity in activities
        for state in graph.objects(activity, URIRef(f"{DPV}hasStatus"))
    }
    assert states == {"ActivityOngoing", "ActivityCompleted"}
    rights = {right for one in activities for right in graph.objects(one, URIRef(f"{DPV}hasRight"))}
    assert rights == {URIRef(f"{GDPR}A21")}


def test_an_agreement_reads_as_one_of_the_roster_with_the_text_that_was_shown():
    graph = graph_of(agreement_jsonld(AGREED))
    (agreement,) = graph.objects(None, URIRef(f"{NAMESPACE}hasAgreement"))
    assert str(agreement) == ROSTER["SD-BASE"].iri
    (status,) = graph.objects(None, URIRef(f"{DPV}hasStatus"))
    assert str(status) == f"{NAMESPACE}AgreementAccepted"
    (text,) = graph.objects(None, URIRef(f"{DCT}description"))
    assert text == Literal(AGREED["text"]["text"])
