"""The first visit: the code that the house showed, five questions on a page each, and the house is theirs.

What was answered waits in memory until the last page (`household/drafts.py`), so that going back loses nothing and
nothing is written before everything was asked. The pages speak the chosen language from the first answer on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from flask import make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from appliance import errors
from appliance.household import claiming, homes, passwords, people, sessions
from appliance.household.claiming import Answers, Newcomer
from appliance.household.drafts import Draft
from appliance.household.people import Person, checked_shown_name
from appliance.settings import LANGUAGES, is_time_zone
from web import status_of, zones
from web.guarding import browser, remember
from web.rooms import rooms
from web.routes import Route
from web.saying import said
from web.visitor import visitor

STEPS = ("language", "household", "you", "others", "files")
ROWS = 4  # empty fields for others at the beginning
MORE_ROWS = 4

Form = Mapping[str, str]


def show() -> ResponseReturnValue:
    """Ask for the code; who has shown it goes on."""
    if not rooms().entrance.first_visit.is_open():
        return redirect(url_for("today.show"))
    return _code_page()


def begin() -> ResponseReturnValue:
    """Let whoever knows the code answer."""
    code, house = request.form.get("code", ""), rooms()
    try:
        house.entrance.first_visit.require_code(code, address=browser().address)
    except (errors.NotSignedIn, errors.TooManyAttempts) as error:
        return _code_page(code, said(error)), status_of(error)
    draft = _draft()
    if draft is None:
        draft = Draft(code, visitor().language, house.services.household.time_zone.key)
    _keep(replace(draft, code=code))
    return redirect(url_for("first_visit.question", step=STEPS[0]), 303)


def question(step: str) -> ResponseReturnValue:
    """Ask one of the five questions, with what was answered before."""
    draft = _draft()
    if draft is None or step not in STEPS:
        return redirect(url_for("first_visit.show"))
    return _page(step, draft)


def answer(step: str) -> ResponseReturnValue:
    """Keep an answer and lead to the next question; the last one opens the house."""
    draft = _draft()
    if draft is None or step not in STEPS:
        return redirect(url_for("first_visit.show"), 303)
    if step == STEPS[-1]:
        return _claim(draft)
    answered = _READERS[step](draft, request.form)
    if "more" in request.form:
        return _page(step, answered, rows=len(answered.others) + MORE_ROWS)
    try:
        _CHECKS[step](answered)
    except errors.WrongCall as error:
        return _page(step, answered, trouble=said(error)), status_of(error)
    _keep(answered)
    return redirect(url_for("first_visit.question", step=STEPS[STEPS.index(step) + 1]), 303)


def _claim(draft: Draft) -> ResponseReturnValue:
    """Make the household that of who answered, and sign them in."""
    house = rooms()
    answers = Answers(
        draft.language, draft.household_name, draft.time_zone, Newcomer(draft.admin, draft.admin_slug), draft.password,
        tuple(Newcomer(each) for each in draft.others),
    )  # fmt: skip
    try:
        proven = house.entrance.first_visit.claim(draft.code, answers, address=browser().address)
    except errors.WrongCall as error:
        return _page(STEPS[-1], draft, trouble=said(error)), status_of(error)
    house.entrance.drafts.forget(visitor().secret)
    begun = sessions.begin(
        house.services.ledger.database, proven, browser(), label=gettext("Browser"), at=visitor().now
    )  # fmt: skip
    return remember(make_response(redirect(url_for("connecting.add", welcome=1), 303)), begun.token)


# --- one reader and one check for each question --------------------------------------------------------


def _read_language(draft: Draft, form: Form) -> Draft:
    language = form.get("language", "")
    zone = zones.likely(draft.time_zone, language, request.accept_languages.values())
    return replace(draft, language=language, time_zone=zone)


def _check_language(draft: Draft) -> None:
    if draft.language not in LANGUAGES:
        raise errors.WrongCall("Gotgan speaks Korean and English.")


def _read_household(draft: Draft, form: Form) -> Draft:
    return replace(draft, household_name=form.get("household_name", ""), time_zone=form.get("time_zone", ""))


def _check_household(draft: Draft) -> None:
    checked_shown_name(draft.household_name)
    if not is_time_zone(draft.time_zone):
        raise errors.WrongCall('There is no such time zone; an example is "Asia/Seoul".')


def _read_you(draft: Draft, form: Form) -> Draft:
    slug = form.get("member") or None
    known = {each.name: each.display_name for each in _members()}
    name = form.get("admin", "").strip() or known.get(slug or "", "")
    return replace(draft, admin=name, admin_slug=slug, password=form.get("password", "") or draft.password)


def _check_you(draft: Draft) -> None:
    checked_shown_name(draft.admin)
    passwords.checked_password(draft.password, draft.admin)


def _read_others(draft: Draft, form: Form) -> Draft:
    return replace(draft, others=tuple(name.strip() for name in request.form.getlist("other") if name.strip()))


def _check_others(draft: Draft) -> None:
    for name in draft.others:
        checked_shown_name(name)


_READERS: Mapping[str, Callable[[Draft, Form], Draft]] = {
    "language": _read_language, "household": _read_household, "you": _read_you, "others": _read_others,
}  # fmt: skip
_CHECKS: Mapping[str, Callable[[Draft], None]] = {
    "language": _check_language, "household": _check_household, "you": _check_you, "others": _check_others,
}  # fmt: skip


# --- pages ------------------------------------------------------------------------------------------


def _code_page(code: str = "", trouble: str = "") -> str:
    somebody = claiming.somebody_may_sign_in(visitor().reading)
    return render_template("first_visit_code.html", code=code, trouble=trouble, somebody=somebody)


def _page(step: str, draft: Draft, *, trouble: str = "", rows: int = 0) -> str:
    number = STEPS.index(step)
    return render_template(
        "first_visit.html", step=step, number=number, steps=STEPS, draft=draft, trouble=trouble,
        before=STEPS[number - 1] if number else None, members=_members(),
        near=zones.near(draft.time_zone, visitor().language, request.accept_languages.values()),
        regions=zones.by_region(visitor().language), zone=zones.shown(draft.time_zone, visitor().language),
        household_name=draft.household_name or homes.WORDS[visitor().language].household,
        rows=max(rows, ROWS, len(draft.others) + 1), files=rooms().services.settings.data / "files",
    )  # fmt: skip


def _members() -> list[Person]:
    """Return who was added on the command line before anybody looked after the house, and has no password."""
    return [each for each in people.people(visitor().reading) if each.active and not each.has_password]


def _draft() -> Draft | None:
    """Return what this browser answered so far; from then on the page speaks the chosen language."""
    if not rooms().entrance.first_visit.is_open():
        return None
    found = rooms().entrance.drafts.of(visitor().secret, at=visitor().now)
    if found is not None:
        visitor().language = found.language
    return found


def _keep(draft: Draft) -> None:
    rooms().entrance.drafts.keep(visitor().secret, draft, at=visitor().now)


ROUTES = (
    Route("/first-visit", show, public=True),
    Route("/first-visit", begin, ("POST",), public=True),
    Route("/first-visit/<step>", question, public=True),
    Route("/first-visit/<step>", answer, ("POST",), public=True),
)
