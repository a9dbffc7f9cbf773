"""Every module that decides something has a unit test, or a place in this table.

The unit tests mirror ``ltictl``. Modules whose work is files, processes and requests are tested
through them instead; this table says where.
"""

import ast
from pathlib import Path
from typing import Final

import pytest

from tests.architecture.imports import sources

TESTS: Final = Path(__file__).parents[1]
ROOMS: Final = ("operations", "interchange", "platforms")
# Module -> the test that covers it, for what no unit test names.
COVERED: Final = {
    "interchange.addresses": "peers/test_query_endpoints.py",
    "interchange.formats.apply": "e2e/test_diff.py",
    "interchange.formats.django_lti": "interchange/test_export.py",
    "interchange.formats.json_format": "interchange/test_export.py",
    "interchange.formats.ltijs": "interchange/test_export.py",
    "interchange.formats.pylti1p3": "interchange/test_export.py",
    "interchange.incoming": "interchange/test_export.py",
    "interchange.outgoing": "interchange/test_export.py",
    "interchange.registry": "interchange/test_import.py",
    "operations.apply": "interchange/test_apply.py",
    "operations.planned_change": "interchange/test_apply.py",
    "operations.planned_integrations": "interchange/test_apply.py",
    "operations.ask_token": "cases/test_token_answers.py",
    "operations.attempts.carry_out": "crash/test_lost_answers.py",
    "operations.attempts.from_answer": "crash/test_lost_answers.py",
    "operations.attempts.lost_answer": "crash/test_defects.py",
    "operations.attempts.placement": "crash/test_lost_answers.py",
    "operations.attempts.repeated": "crash/test_lost_answers.py",
    "operations.attempts.scrub": "crash/test_lost_answers.py",
    "operations.attempts.single_use": "crash/test_lost_answers.py",
    "operations.attention": "checks/test_attention.py",
    "operations.by_hand.add": "lms/test_by_hand.py",
    "operations.by_hand.lms_config": "lms/test_by_hand.py",
    "operations.changes": "interchange/test_hooks.py",
    "operations.checks.background": "checks/test_verify.py",
    "operations.checks.check_activation": "lms_side/test_canvas.py",
    "operations.checks.check_former": "checks/test_verify.py",
    "operations.checks.check_key_set": "checks/test_verify.py",
    "operations.checks.check_token": "checks/test_verify.py",
    "operations.checks.doctor": "cases/test_key_sets.py",
    "operations.checks.doctor_keys": "crash/test_doctor.py",
    "operations.checks.doctor_web": "crash/test_doctor.py",
    "operations.checks.findings": "checks/test_verify.py",
    "operations.checks.news": "checks/test_news.py",
    "operations.checks.record_findings": "checks/test_verify.py",
    "operations.checks.verify": "cases/test_key_sets.py",
    "operations.client_registration.client_endpoint": "lms/test_update.py",
    "operations.client_registration.delete_at_lms": "lms/test_update.py",
    "operations.client_registration.probe_update": "lms/test_update.py",
    "operations.client_registration.settle_update": "lms/test_update.py",
    "operations.client_registration.update": "lms/test_update.py",
    "operations.client_registration.update_each": "lms/test_update_side_by_side.py",
    "operations.clock": "security/test_clocks.py",
    "operations.copy_profile": "stores/test_profile.py",
    "operations.other_machines": "stores/test_profile.py",
    "operations.deployments": "cases/test_pasted_launches.py",
    "operations.find_integration": "e2e/mistakes/test_names.py",
    "operations.former_clients": "lms/test_again.py",
    "operations.expiring": "checks/test_news.py",
    "operations.hooks": "interchange/test_hooks.py",
    "operations.integration_records": "interchange/test_apply.py",
    "operations.interchange.export": "cases/test_key_sets.py",
    "operations.interchange.import_": "interchange/test_import.py",
    "operations.interchange.key_files": "interchange/test_export.py",
    "operations.keys.clock_warning": "keys/test_life_of_a_key.py",
    "operations.keys.compromise": "keys/test_compromise.py",
    "operations.keys.confirm_signing": "keys/test_life_of_a_key.py",
    "operations.keys.key_events": "keys/test_life_of_a_key.py",
    "operations.keys.key_import": "keys/test_private_halves.py",
    "operations.keys.publication": "keys/test_publication.py",
    "operations.keys.rotate": "keys/test_life_of_a_key.py",
    "operations.keys.rotation": "keys/test_cut_off.py",
    "operations.key_signer": "keys/test_signer.py",
    "operations.data_protection.erase": "e2e/test_data_protection.py",
    "operations.data_protection.organization_data": "e2e/test_data_protection.py",
    "operations.keys.encrypt": "keys/test_encrypt.py",
    "operations.compare_profiles": "e2e/test_diff.py",
    "operations.edit": "e2e/test_amend.py",
    "operations.member_edits": "e2e/test_amend.py",
    "operations.settled": "crash/test_lost_answers.py",
    "operations.restore": "e2e/test_amend.py",
    "operations.log.check_log": "e2e/test_log.py",
    "operations.log.complete_log": "e2e/test_log.py",
    "operations.log.entries": "e2e/test_log.py",
    "operations.log.history": "e2e/test_log.py",
    "operations.lms_side.change_intent": "lms_side/test_interfaces.py",
    "operations.lms_facts.absent_configuration": "e2e/test_visits.py",
    "operations.lms_facts.destination": "e2e/test_move.py",
    "operations.lms_facts.move": "e2e/test_move.py",
    "operations.lms_facts.moved_lms": "checks/test_verify.py",
    "operations.lms_facts.read_configuration": "e2e/test_move.py",
    "operations.lms_facts.refresh": "checks/test_refresh.py",
    "operations.lms_side.apply_lms": "lms_side/test_apply.py",
    "operations.lms_side.interface_changes": "lms_side/test_interfaces.py",
    "operations.lms_side.interface_reads": "lms_side/test_interfaces.py",
    "operations.lms_side.keyring": "lms_side/test_interfaces.py",
    "operations.lms_side.site": "lms_side/test_interfaces.py",
    "operations.lms_side.tokens": "lms_side/test_interfaces.py",
    "operations.lms_side.tool_changes": "lms_side/test_interfaces.py",
    "operations.lms_side.creation": "lms_side/test_cuts.py",
    "operations.lms_side.login": "lms_side/test_interfaces.py",
    "operations.lms_side.removal": "lms_side/test_removal.py",
    "operations.lms_side.script": "lms_side/test_interfaces.py",
    "operations.lms_side.settle": "lms_side/test_cuts.py",
    "operations.lms_side.status": "lms_side/test_interfaces.py",
    "operations.lms_side.token_command": "lms_side/test_interfaces.py",
    "operations.own_command": "lms_side/test_canvas.py",
    "operations.lms_side.via_lms": "lms_side/test_canvas.py",
    "operations.outdated": "lms/test_update_many.py",
    "operations.overview": "browsers/test_report.py",
    "operations.passphrase": "stores/test_profile.py",
    "operations.registration.earlier_choices": "e2e/test_visits.py",
    "operations.registration.existing": "lms/test_again.py",
    "operations.registration.headless": "cases/test_key_sets.py",
    "operations.registration.inspect_platform": "lms/test_again.py",
    "operations.registration.listen": "e2e/test_visits.py",
    "operations.registration.open_page": "e2e/test_open_invitations.py",
    "operations.registration.listening_order": "browsers/test_silence.py",
    "operations.registration.nobody_came": "e2e/test_visits.py",
    "operations.registration.page": "e2e/test_visits.py",
    "operations.registration.page_results": "lms/test_again_in_browser.py",
    "operations.registration.paste": "e2e/test_paste.py",
    "operations.registration.pasted_address": "cases/test_opened_urls.py",
    "operations.registration.plain_words": "lms/test_on_the_page.py",
    "operations.registration.recover": "crash/test_defects.py",
    "operations.registration.refused_link": "e2e/test_visits.py",
    "operations.registration.register": "e2e/test_recorded_answers.py",
    "operations.registration.serve": "e2e/test_serve.py",
    "operations.registration.supervisor": "e2e/test_serve.py",
    "operations.registration.visitor": "e2e/test_visits.py",
    "operations.relay_page": "browsers/test_relay_page.py",
    "operations.requests": "lms/test_shapes.py",
    "operations.sandbox_launch": "interchange/test_sandbox_launch.py",
    "operations.served_set": "cases/test_key_sets.py",
    "operations.signing": "keys/test_compromise.py",
    "operations.survey": "crash/test_lost_answers.py",
    "operations.switch": "lms/test_again.py",
    "operations.token_refusal": "cases/test_token_answers.py",
    "operations.token_rounds": "cases/test_token_answers.py",
    "operations.unused": "checks/test_news.py",
    "operations.unreachable_tool": "cases/test_key_sets.py",
    "platforms.administration": "lms_side/test_interfaces.py",
    "platforms.canvas_developer_key": "lms/test_by_hand.py",
    "platforms.causes": "cases/test_token_answers.py",
    "platforms.extensions": "lms/test_shapes.py",
    "platforms.families.blackboard": "lms/test_played.py",
    "platforms.families.brightspace": "lms/test_played.py",
    "platforms.families.canvas": "lms/test_played.py",
    "platforms.families.ilias": "lms/test_played.py",
    "platforms.families.lms": "lms/test_played.py",
    "platforms.families.moodle": "lms/test_played.py",
    "platforms.families.openedx": "lms/test_played.py",
    "platforms.families.openolat": "lms/test_played.py",
    "platforms.families.sakai": "lms/test_played.py",
    "platforms.families.schoology": "lms/test_played.py",
    "platforms.families.wordpress": "lms/test_without_services.py",
    "platforms.form": "lms/test_by_hand.py",
    "operations.lms_side.authorization_code": "lms_side/test_brightspace.py",
    "operations.mail": "e2e/test_mail.py",
    "operations.vendor": "browsers/test_vendor.py",
    "platforms.consent": "lms_side/test_brightspace.py",
    "platforms.interfaces.blackboard": "lms_side/test_blackboard.py",
    "platforms.interfaces.brightspace": "lms_side/test_brightspace.py",
    "platforms.interfaces.canvas": "lms_side/test_canvas.py",
    "platforms.interfaces.canvas_calls": "lms_side/test_canvas.py",
    "platforms.interfaces.canvas_deployments": "lms_side/test_canvas.py",
    "platforms.interfaces.canvas_keys": "lms_side/test_canvas.py",
    "platforms.interfaces.json_member": "lms_side/test_brightspace.py",
    "platforms.interfaces.moodle": "lms_side/test_moodle.py",
    "platforms.interfaces.moodle_script": "lms_side/test_moodle.py",
    "platforms.presets": "lms/test_by_hand.py",
    "platforms.query_endpoints": "lms/test_without_services.py",
    "platforms.recognition": "cases/test_families.py",
    "platforms.shape": "lms/test_shapes.py",
}


def modules() -> set[str]:
    """The modules of the rooms, without ``ltictl.``."""
    names = {name.removeprefix("ltictl.") for name, path in sources() if path.stem != "__init__"}
    return {name for name in names if name.startswith(tuple(f"{room}." for room in ROOMS))}


def named_by_unit_tests() -> set[str]:
    """The modules that a unit test imports."""
    found = set()
    for path in (TESTS / "unit").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom):
                module = str(node.module)
                found |= {module, *(f"{module}.{alias.name}" for alias in node.names)}
    return {name.removeprefix("ltictl.") for name in found}


def test_every_module_has_a_unit_test_or_its_line() -> None:
    assert modules() - named_by_unit_tests() - COVERED.keys() == set()


def test_no_line_is_left_over() -> None:
    assert COVERED.keys() - modules() == set()
    assert COVERED.keys() & named_by_unit_tests() == set()


@pytest.mark.parametrize("test", sorted(set(COVERED.values())))
def test_the_tests_of_the_table_are_there(test: str) -> None:
    assert "def test_" in (TESTS / test).read_text("utf-8")


def test_the_folders_of_unit_tests_are_rooms() -> None:
    rooms = {name.split(".")[1] for name, _ in sources() if name.count(".") > 1}
    folders = {path.name for path in (TESTS / "unit").iterdir() if path.is_dir()}

    assert folders - {"__pycache__"} <= rooms
