"""What many units or provinces say alike is said once, and nothing else is lost."""

from geontm.pipeline.coverage.folded import MOST_ALONE, fold_issues
from geontm.tables import Issue


def outside(code):
    return Issue.of("warning", "zones.outside", column="geometry", value=code, code=code, name=f"Xã {code}")


def few(n, value, file="dem.tif"):
    return Issue.of("warning", "terrain.few_cells", file=file, value=value, n=n, most=20.0)


def texts(issues):
    return [(issue.value, issue.message.text("en")) for issue in issues]


def test_a_few_units_are_named_and_many_are_counted():
    some = [("Cao Bằng", outside(f"0100{n}")) for n in range(MOST_ALONE)]
    assert fold_issues(some) == [issue for _, issue in some]
    (one,) = fold_issues([*some, ("Quảng Ninh", outside("06649"))])
    assert one.value == "01000, 01001, 01002, 01003, 01004, 06649"
    assert one.message.text("en").startswith("6 communes lie wholly outside")
    assert one.severity == "warning" and one.column == "geometry"


def test_partly_outside_keeps_the_largest_share_and_severities_stay_apart():
    parts = [
        Issue.of("warning", "zones.partly_outside", column="geometry", value=f"{n:05}", code="", name="", pct=10.0 * n)
        for n in range(1, 8)
    ]
    slight = Issue.of("info", "zones.partly_outside", column="geometry", value="1", code="1", name="", pct=0.01)
    one, other = fold_issues([("A", issue) for issue in [*parts, slight]])
    assert "7 communes" in one.message.text("en") and "70%" in one.message.text("en")
    assert other == slight


def test_units_of_several_provinces_add_up():
    a, b = few(2, "01001, 01002"), few(12, "06601, 06602, 06603 …")
    (one,) = fold_issues([("A", a), ("B", b), ("C", a)])  # the same issue twice counts once
    assert one.value == "01001, 01002, 06601, 06602, 06603 …"
    assert one.message.values["n"] == 14
    assert fold_issues([("A", a), ("B", few(1, "1", "other.tif"))]) == [a, few(1, "1", "other.tif")]


def test_the_widest_cells_stand_for_all():
    coarse = [
        Issue.of("warning", "terrain.too_coarse", file="dem.tif", value=f"{m} m", metres=m, fine=90, most=1000)
        for m in (9200.0, 9300.0, 9100.0)
    ]
    assert fold_issues([("A", issue) for issue in coarse]) == [coarse[1]]


def test_people_at_the_edge_are_told_by_province():
    edge = Issue.of("info", "population.at_edge", file="p.tif", value="30", people=30.0, pct=0.1)
    other = Issue.of("info", "zones.overlap", value="1, 2", count=2, cells=0.5)
    assert texts(fold_issues([("Huế", edge), ("Huế", other), ("Cà Mau", edge)])) == [
        ("Huế: 30", edge.message.text("en")),
        ("1, 2", other.message.text("en")),
        ("Cà Mau: 30", edge.message.text("en")),
    ]


def test_order_of_the_first_is_kept_and_nothing_is_nothing():
    assert fold_issues([]) == []
    some = [Issue.of("info", "zones.no_shape", value=v, code=v, name="") for v in "cab"]
    assert fold_issues([("A", issue) for issue in some]) == some
