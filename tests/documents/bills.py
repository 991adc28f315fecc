"""Bills of materials by CycloneDX's own schema, and what they refer to: bills.py FILE..."""

import json
import sys

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

validator = JsonStrictValidator(SchemaVersion.V1_6)
for file in sys.argv[1:]:
    with open(file, encoding="utf-8") as opened:
        text = opened.read()
    error = validator.validate_str(text)
    assert error is None, f"{file}: {error}"
    bill = json.loads(text)
    known = {bill["metadata"]["component"]["bom-ref"]}
    known.update(component["bom-ref"] for component in bill["components"])
    for dependency in bill["dependencies"]:
        assert dependency["ref"] in known and set(dependency["dependsOn"]) <= known, (file, dependency)
