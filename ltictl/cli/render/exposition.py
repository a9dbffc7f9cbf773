"""Metrics in Prometheus's text exposition format, version 0.0.4."""

from collections.abc import Iterable

from ltictl.operations.metrics import Metric, Sample


def exposition(metrics: Iterable[Metric]) -> str:
    """Write metrics for node_exporter's textfile collector, or any other reader of the format."""
    return "".join(_metric(each) for each in metrics)


def _metric(metric: Metric) -> str:
    lines = [f"# HELP {metric.name} {_escaped(metric.help)}", f"# TYPE {metric.name} gauge"]
    lines += [f"{metric.name}{_labels(each)} {each.value}" for each in metric.samples]
    return "\n".join(lines) + "\n"


def _labels(sample: Sample) -> str:
    pairs = [f'{name}="{_quotable(value)}"' for name, value in sample.labels.items()]
    return f"{{{','.join(pairs)}}}" if pairs else ""


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\n", r"\n")


def _quotable(text: str) -> str:
    # Only label values stand in quotes: in a HELP line \" would be no escape.
    return _escaped(text).replace('"', r"\"")
