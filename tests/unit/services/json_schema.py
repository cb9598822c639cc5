"""A validator of JSON Schema, as far as the schemas in docs/ use it."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

KNOWN = {
    *("$schema", "title", "description", "definitions"),
    *("type", "required", "additionalProperties", "properties", "items", "minItems", "maxItems"),
    *("const", "enum", "anyOf", "$ref", "pattern", "minLength", "maxLength"),
    *("minimum", "maximum", "$defs", "default", "prefixItems", "discriminator"),
}
TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}


class Schema:
    """A schema of docs/, by its name."""

    def __init__(self, name: str) -> None:
        path = Path(__file__).parents[3] / "docs" / name
        self._root = json.loads(path.read_text(encoding="utf-8"))

    def accepts(self, value: Any, schema: Mapping[str, Any] | None = None) -> bool:
        """Return whether a value is valid."""
        schema = self._root if schema is None else schema
        assert set(schema) <= KNOWN
        if reference := schema.get("$ref"):
            _, group, name = reference.split("/")
            return self.accepts(value, self._root[group][name])
        checks = [
            isinstance(value, TYPES[schema["type"]]) if "type" in schema else True,
            value == schema["const"] if "const" in schema else True,
            value in schema["enum"] if "enum" in schema else True,
            "anyOf" not in schema or any(self.accepts(value, one) for one in schema["anyOf"]),
        ]
        if isinstance(value, str):
            checks.append(re.search(schema.get("pattern", ""), value) is not None)
            checks.append(schema.get("minLength", 0) <= len(value))
            checks.append(len(value) <= schema.get("maxLength", len(value)))
        if isinstance(value, int | float):
            checks.append(schema.get("minimum", value) <= value <= schema.get("maximum", value))
        if isinstance(value, dict):
            checks += self._members(value, schema)
        if isinstance(value, list):
            checks.append(len(value) <= schema.get("maxItems", len(value)))
            checks.append(len(value) >= schema.get("minItems", 0))
            first = schema.get("prefixItems", ())
            checks += [self.accepts(*pair) for pair in zip(value, first, strict=False)]
            rest = value[len(first) :] if schema.get("items") is not False else ()
            checks += [self.accepts(one, schema.get("items", {})) for one in rest]
        return all(checks)

    def _members(self, value: Mapping[str, Any], schema: Mapping[str, Any]) -> list[bool]:
        properties, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        checks = [name in value for name in schema.get("required", ())]
        for name, one in value.items():
            known = properties.get(name, others)
            checks.append(known is not False and self.accepts(one, known))
        return checks
