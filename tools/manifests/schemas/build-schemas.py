"""Writes kubernetes.json: the JSON schemas of the kinds that k8s/ uses, for one Kubernetes version.

    pip install kubernetes-validate==1.37.0 && python build-schemas.py 1.34.0

They come from that package's bundled schemas (which come from Kubernetes' own OpenAPI document; both Apache-2.0),
in their strict form: unknown fields are refused. Descriptions are left out, and so is `null` as the value
of a field that may be left out.
"""

import importlib.resources
import json
import pathlib
import sys

KINDS = {
    "ConfigMap v1": "io.k8s.api.core.v1.ConfigMap",
    "Namespace v1": "io.k8s.api.core.v1.Namespace",
    "Secret v1": "io.k8s.api.core.v1.Secret",
    "Service v1": "io.k8s.api.core.v1.Service",
    "ServiceAccount v1": "io.k8s.api.core.v1.ServiceAccount",
    "Deployment apps/v1": "io.k8s.api.apps.v1.Deployment",
    "HorizontalPodAutoscaler autoscaling/v2": "io.k8s.api.autoscaling.v2.HorizontalPodAutoscaler",
    "Job batch/v1": "io.k8s.api.batch.v1.Job",
    "CronJob batch/v1": "io.k8s.api.batch.v1.CronJob",
    "Ingress networking.k8s.io/v1": "io.k8s.api.networking.v1.Ingress",
    "NetworkPolicy networking.k8s.io/v1": "io.k8s.api.networking.v1.NetworkPolicy",
    "PodDisruptionBudget policy/v1": "io.k8s.api.policy.v1.PodDisruptionBudget",
}
PREFIX = "#/$defs/"
# Facts for Kubernetes' own patching, and words for people.
DROPPED = {"description", "format"}


def tidy(node, is_properties=False):
    """The node without what validation does not need; `is_properties`: its keys are names of fields."""
    if isinstance(node, list):
        return [tidy(entry) for entry in node]
    if not isinstance(node, dict):
        return node
    kept = {
        key: tidy(value, key == "properties" and not is_properties)
        for key, value in node.items()
        if is_properties or not (key in DROPPED or key.startswith("x-kubernetes-"))
    }
    types = kept.get("type")
    if not is_properties and isinstance(types, list):
        types = [one for one in types if one != "null"]
        kept["type"] = types[0] if len(types) == 1 else types
    return kept


def references(node):
    if isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            yield node["$ref"].removeprefix(PREFIX)
        node = list(node.values())
    if isinstance(node, list):
        for entry in node:
            yield from references(entry)


def main(version: str) -> None:
    bundled = importlib.resources.files("kubernetes_validate") / "kubernetes-json-schema"
    source = bundled / f"v{version}-local-strict" / "_definitions.json"
    definitions = json.loads(source.read_text())["$defs"]
    kept, open_names = {}, set(KINDS.values())
    while open_names:
        name = open_names.pop()
        kept[name] = tidy(definitions[name])
        open_names |= set(references(kept[name])) - kept.keys()
    document = {"version": version, "kinds": KINDS, "$defs": dict(sorted(kept.items()))}
    target = pathlib.Path(__file__).parent / "kubernetes.json"
    target.write_text(json.dumps(document, separators=(",", ":")) + "\n")
    print(f"{target.name}: {len(kept)} definitions, {target.stat().st_size} bytes")


main(sys.argv[1])
