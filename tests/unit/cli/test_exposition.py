"""The text of ``metrics``, as Prometheus's own parser reads it."""

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client.parser import text_string_to_metric_families

from ltictl.cli.render.exposition import exposition
from ltictl.operations.metrics import Metric, Sample

# Names that begin with two underscores are reserved.
NAMES = st.from_regex(r"[a-zA-Z][a-zA-Z0-9_]{0,20}", fullmatch=True)
# UTF-8 has no surrogates, and the format forbids nothing else.
VALUES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text('\\n"{},= \n')
HELPS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(lambda text: f"x{text}x")
SAMPLES = st.builds(
    Sample,
    st.dictionaries(NAMES, VALUES, max_size=3),
    st.integers(0, 2**53),
)


@given(NAMES, HELPS, st.lists(SAMPLES, max_size=4, unique_by=lambda each: repr(each.labels)))
def test_the_parser_reads_the_written_metrics_back(
    name: str, description: str, samples: list[Sample]
) -> None:
    text = exposition([Metric(name, description, tuple(samples))])

    (read,) = text_string_to_metric_families(text)
    assert (read.name, read.type, read.documentation) == (name, "gauge", description)
    assert [(each.labels, each.value) for each in read.samples] == [
        (each.labels, each.value) for each in samples
    ]


def test_the_escapes_are_those_of_the_format() -> None:
    metric = Metric("m", 'a\\b "c"\nd', (Sample({"l": 'a\\b "c"\nd'}, 7), Sample({}, 8)))

    assert exposition([metric]).splitlines() == [
        r'# HELP m a\\b "c"\nd',
        "# TYPE m gauge",
        r'm{l="a\\b \"c\"\nd"} 7',
        "m 8",
    ]
