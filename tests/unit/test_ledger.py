import json
import stat

from pipeline.ledger import AUDIT, PROTOCOL, audit, entries, freeze, protocol_state
from pipeline.study_toml.file import load_study


def study(folder, text=""):
    (folder / "study.toml").write_text(text)
    return load_study(folder)


def test_a_freeze_is_recorded_once_and_a_later_change_is_an_amendment_that_names_what_changed(tmp_path):
    assert protocol_state(study(tmp_path))["frozen"] == ""
    assert "frozen as" in freeze(study(tmp_path))["sentence"]
    assert "unchanged" in freeze(study(tmp_path))["sentence"]
    assert len(entries(study(tmp_path), PROTOCOL)) == 1

    changed = study(tmp_path, "[gate]\nmin_ess = 50\n[retention]\ngap_days = 45\n")
    assert protocol_state(changed) | {"frozen": ""} == {
        "frozen": "",
        "amendments": 0,
        "as_frozen": False,
        "before_outcomes": True,
    }
    assert freeze(changed)["changed"] == ["gate.min_ess", "retention.gap_days"]
    assert protocol_state(changed)["amendments"] == 1
    assert protocol_state(changed)["as_frozen"]


def test_a_freeze_after_results_exist_says_so(tmp_path):
    (tmp_path / "results.duckdb").write_text("")
    assert "results existed already" in freeze(study(tmp_path))["sentence"]
    assert not protocol_state(study(tmp_path))["before_outcomes"]


def test_deleting_results_does_not_undo_that_somebody_saw_them(tmp_path):
    audit(study(tmp_path), "run")
    assert "results existed already" in freeze(study(tmp_path))["sentence"]


def test_an_amendment_after_results_is_not_before_outcomes(tmp_path):
    freeze(study(tmp_path))
    audit(study(tmp_path), "run")
    freeze(study(tmp_path, "[gate]\nmin_ess = 50\n"))
    assert not protocol_state(study(tmp_path, "[gate]\nmin_ess = 50\n"))["before_outcomes"]


def test_the_audit_says_who_what_when_and_is_readable_by_its_owner_alone(tmp_path):
    audit(study(tmp_path), "run", inputs="abc")
    path = tmp_path / "ledger" / AUDIT
    [line] = path.read_text().splitlines()
    assert json.loads(line).keys() == {"when", "who", "command", "protocol", "code", "inputs", "check"}
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
