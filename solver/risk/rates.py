"""How often people come, where the scenario does not say, and where the numbers are from."""

from __future__ import annotations

from dataclasses import dataclass

from ..clinic import Clinic

SHOW_RATE = 0.801
"""Chance that a patient comes on a scheduled day: 67 organisations brought their outpatient no-shows
from 37.4 % down to 19.9 % (Advancing Recovery and STAR-SI, PMC3962267). An outpatient figure; a
clinic that counts its own no-shows should state them (``show_rate``)."""
SHOW_SOURCE = "no-shows of 19.9 % in 67 outpatient organisations, PMC3962267"
ABSENCE_RATE = 0.04
"""Chance that a therapist is away on a working day: 3.8 % of the working days of NHS staff in April
2018 and 4.1 % in April 2019 (kingsfund.org.uk, "NHS sickness absence"); 4.2 % of full-time workers in
US health care were away for a part of a week of 2005 (bls.gov/opub/ted/2006/feb/wk2/art02.htm)."""
ABSENCE_SOURCE = "3.8 to 4.1 % of the working days of NHS staff, kingsfund.org.uk"


@dataclass(frozen=True, slots=True)
class Rates:
    """Chances for those who state none of their own."""

    show: float = SHOW_RATE
    absence: float = ABSENCE_RATE

    def shows(self, clinic: Clinic, patient: str) -> float:
        """Chance that a patient comes on a scheduled day."""
        own = clinic.patients[patient].show_rate
        return self.show if own is None else own

    def away(self, clinic: Clinic, therapist: str) -> float:
        """Chance that a therapist is away on a working day."""
        own = clinic.therapists[therapist].absence_rate
        return self.absence if own is None else own
