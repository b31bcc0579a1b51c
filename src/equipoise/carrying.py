"""What becomes of an action once it is decided: the last look, the delivery, the human's answer."""

import msgspec

from equipoise.account import receipts
from equipoise.act import outbox
from equipoise.canon import canonical
from equipoise.decide.deciding import judge
from equipoise.engine import Engine
from equipoise.nouns.decisions import Action, Answer
from equipoise.nouns.records import Delivery, HumanAnswer
from equipoise.nouns.sheet import Here
from equipoise.nouns.state import AtomState, Contact, PersonState
from equipoise.remember import contacts
from equipoise.wishing import cleared, is_doubted

PAUSE_MS = 60_000
"""How long an action that a guard holds back is left alone at least."""


class Carrying:
    """The verbs of an action on its way, each in log order and under the person's terms of then."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def look_again(self, state: PersonState, atom: AtomState, action: Action, here: Here) -> Action:
        """The last look, at every attempt: terms, budget and moment as they stand now.

        The action comes back claimed (`sending`), deferred (`ready`, later) or cancelled.
        """
        word = outbox.look(action, here.now_ms, self.engine.retries)
        if action.status == "waiting":
            word = "go" if here.now_ms <= action.until_ms else "expired"
        if word in ("closed", "early"):
            return action
        if word in ("expired", "exhausted"):
            return self._cancel(atom, action, word, here)
        live = self.engine.playbook.named(action.play)
        if live is None:
            return self._cancel(atom, action, "play_paused", here)
        if is_doubted(action, here):
            # It was decided before somebody called it untrue: a human looks before it leaves.
            put_off = msgspec.structs.replace(action, status="review", detail="doubted")
            here.sheet.actions[action.id] = put_off
            return put_off
        mine = contacts.release(atom, action.id)
        asked = self.engine.question(state, live, action.moment, here)
        asked.in_audience = True
        asked.spent = {}
        verdicts = [
            verdict
            for verdict in judge(asked, action.option, self.engine.deciders.questions, {})
            if verdict.answer is not Answer.REVIEW
        ]
        contacts.restore(atom, mine)
        refusal = next((v for v in verdicts if v.answer is Answer.REFUSE), None)
        if refusal is not None:
            return self._cancel(atom, action, refusal.reason, here)
        if verdicts:
            last = max(verdicts, key=lambda verdict: verdict.until_ms or 0)
            later_ms = max(last.until_ms or 0, here.now_ms + PAUSE_MS)
            put_off = outbox.defer(action, later_ms, last.reason)
            if put_off.status == "cancelled":
                return self._cancel(atom, action, last.reason, here)
            here.sheet.actions[action.id] = put_off
            return put_off
        if action.status == "waiting":
            claimed = msgspec.structs.replace(action, status="sent", attempts=1)
        else:
            claimed = outbox.claim(action, here.now_ms, self.engine.retries.lease_ms)
        here.sheet.actions[action.id] = claimed
        return claimed

    def _cancel(self, atom: AtomState, action: Action, reason: str, here: Here) -> Action:
        cancelled = outbox.cancel(action, reason)
        contacts.release(atom, action.id)
        here.sheet.actions[action.id] = cancelled
        here.sheet.count("cancelled")
        seq = here.number()
        body = receipts.action_receipt(action, "cancelled", reason, seq, here.now_ms)
        here.receipt(atom, seq, canonical(body))
        return cancelled

    def delivered(self, atom: AtomState, action: Action, how: Delivery, here: Here) -> Action:
        """Fold how a delivery ended; what failed for good gives its contact back."""
        after = outbox.after(action, how, here.now_ms, self.engine.retries)
        here.sheet.actions[action.id] = after
        here.sheet.count(f"delivery:{after.status}")
        here.log(atom, "delivery", how)
        if after.status == "sent" and action.status in ("dead", "cancelled"):
            # It did leave, although it was given up or taken back meanwhile: it is charged again.
            contact = Contact(action.at_ms, action.id, action.play, action.option.channel)
            contacts.restore(atom, contact if action.option.is_contact else None)
        if after.status == "dead" and action.status != "dead":
            contacts.release(atom, action.id)
            seq = here.number()
            body = receipts.action_receipt(after, "undelivered", how.detail, seq, here.now_ms)
            here.receipt(atom, seq, canonical(body))
        return after

    def human(self, atom: AtomState, action: Action, said: HumanAnswer, here: Here) -> Action:
        """A member of staff approves or declines an action that waited for a human."""
        if action.status != "review":
            return action
        after = outbox.answered(action, said, here.now_ms)
        here.sheet.actions[action.id] = after
        here.sheet.count(f"human:{said.answer}")
        here.log(atom, "human", said)
        if said.answer == "approve":
            cleared(action, here)
        if after.status == "cancelled":
            contacts.release(atom, action.id)
        seq = here.number()
        body = receipts.action_receipt(after, f"human_{said.answer}", said.note, seq, here.now_ms)
        here.receipt(atom, seq, canonical(body))
        return after
