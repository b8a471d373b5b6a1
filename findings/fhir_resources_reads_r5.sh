#!/usr/bin/env bash
# Record servers in the United States export FHIR R4 (US Core).  The class that one imports first, fhir.resources.encounter.Encounter,
# is R5: it refuses a plain R4 encounter (class is a list there, period is called actualPeriod).  R4 itself is not in the package;
# R4B reads it.  And a quantity of 12.50 leaves as 12.5, though FHIR says that the digits of a decimal are part of its meaning.
# Seen with fhir.resources 8.3.0, pydantic 2.14.4 on Python 3.11.
set -euo pipefail
folder="$(mktemp -d)"
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q --disable-pip-version-check fhir.resources==8.3.0 fhir-core==1.1.12 pydantic==2.14.4
cd "$folder"
"$folder/venv/bin/python" - <<'PY'
import importlib.util
from importlib.metadata import version

from fhir.resources.encounter import Encounter
from fhir.resources.R4B.encounter import Encounter as EncounterR4B
from fhir.resources.R4B.observation import Observation
from pydantic import ValidationError

visit = {
    "resourceType": "Encounter",
    "status": "finished",
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "subject": {"reference": "Patient/1"},
    "period": {"start": "2026-03-05T09:00:00-05:00", "end": "2026-03-05T12:00:00-05:00"},
}
try:
    Encounter.model_validate(visit)
    refused = []
except ValidationError as fault:
    refused = sorted({str(one["loc"][0]) for one in fault.errors()})
score = '{"resourceType":"Observation","status":"final","code":{"text":"score"},"valueQuantity":{"value":12.50}}'
left = Observation.model_validate_json(score).model_dump_json()
print("fhir.resources", version("fhir.resources"))
print("the first Encounter refuses of an R4 encounter:", refused)
print("R4B reads it:", EncounterR4B.model_validate(visit).period.start.isoformat())
print("a quantity of 12.50 leaves as:", left)
assert refused == ["class", "period"], "it reads R4 now"
assert importlib.util.find_spec("fhir.resources.R4") is None
assert '"value":12.5}' in left
PY
echo "as described"
