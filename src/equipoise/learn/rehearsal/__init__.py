"""What a policy would have been worth on logged decisions: estimators, references, and a verdict."""

from equipoise.learn.rehearsal.logged import Logged, LogMistake
from equipoise.learn.rehearsal.rehearsing import rehearse

__all__ = ["LogMistake", "Logged", "rehearse"]
