"""Words that stand on a page in another language than the page's, apart from what people have written themselves.

What the family of `life` is called and calls its things is listed by name; everything else is the house's own words.
Refuses to guess: a word is known as somebody's, or it is left over.
"""

from __future__ import annotations

import re
from typing import Literal

from tests.pages.browsing import Seen
from tests.pages.life import NAMES

PEOPLE = ("민아", "재호", "하준", "mina", "dad", "hajun")
THINGS = (
    "Mina’s Galaxy", "Hajun’s Galaxy Tab", "Dad’s iPhone", "Photos", "School", "essay", "현관 비밀번호", "football",
    "Football", "Piano lesson", "치과", "학부모 모임", "Grandmother’s birthday", "Dinner with 이모", "마포, 3층",
    "한빛", "반 친구", "다시 넣음", "현관 4711", "현관", "The storehouse",
    "A full storehouse makes a generous house.", "And a loud one.", "‘soon’",
)  # fmt: skip
# Names of programs, of kinds of files, of units, and of the other language as itself.
BRANDS = (
    "Gotgan", "곳간", "English", "한국어", "Android", "iPhone", "iPad", "iOS", "macOS", "Mac", "Galaxy", "DAVx5",
    "DAVx⁵", "Thunderbird", "Nextcloud", "Windows", "Chromium", "Chrome", "Safari", "Linux", "Google", "Apple", "Esc",
    "CardDAV", "CalDAV", "WebDAV", "vCard", "vcf", "ics", "zip", "PDF", "PNG", "png", "txt", "KB", "MB", "GB", "TB",
)  # fmt: skip
# Addresses of the house and what somebody is to type are no sentences.
ADDRESS = re.compile(r"https?://\S+|\b[\w.]+@[\w.]+|/dav/\S*|\bgotgan [a-z-]+|\b127\.0\.0\.1:?\d*")
FOREIGN = {"ko": re.compile(r"[A-Za-z]{2,}"), "en": re.compile(r"[가-힣]+")}
# What can be read or is read aloud; the letter of a jar or a face is the first of a name.
COLLECT = """
() => {
  const found = [document.title];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (parent.closest("script, style, template, .jar, .face, option, kbd, code, pre, .lines")) continue;
    if (walker.currentNode.data.trim()) found.push(walker.currentNode.data);
  }
  for (const name of ["aria-label", "title", "placeholder", "alt", "data-busy", "data-copied", "data-label"])
    document.querySelectorAll(`[${name}]`).forEach((each) => found.push(each.getAttribute(name)));
  return found.map((said) => said.replace(/\\s+/g, " ").trim());
}
"""


def left_over(seen: Seen, language: Literal["en", "ko"]) -> list[str]:
    """Return the texts of the open page that hold words of the other language."""
    return [said for said in dict.fromkeys(seen.page.evaluate(COLLECT)) if FOREIGN[language].search(_own(said))]


def _own(said: str) -> str:
    """Return a text without what people have written and without names."""
    said = ADDRESS.sub(" ", said)
    for name in _KNOWN:
        said = said.replace(name, " ")
    return said


_KNOWN = sorted((*NAMES, *PEOPLE, *THINGS, *BRANDS), key=len, reverse=True)
