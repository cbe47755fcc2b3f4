"""Timing pages in a real Chromium: the first picture, and the frames while one moves and zooms."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PATIENCE = 60
"""Seconds after which a page without a picture is left."""
FIRST = """
(() => {
  const seen = () => (window.__first ??= performance.now());
  const watch = (kind, names) => {
    for (const name of names) {
      const inner = kind.prototype[name];
      kind.prototype[name] = function (...rest) {
        if (this.canvas.isConnected) requestAnimationFrame(seen);
        return inner.apply(this, rest);
      };
    }
  };
  watch(CanvasRenderingContext2D, ["fill", "stroke", "drawImage"]);
  const names = ["drawArrays", "drawElements", "drawArraysInstanced", "drawElementsInstanced"];
  for (const kind of [window.WebGLRenderingContext, window.WebGL2RenderingContext])
    if (kind) watch(kind, names.filter((name) => kind.prototype[name]));
})();
"""
MOVE = """(how) => new Promise((done) => {
  const all = [...document.querySelectorAll("canvas")];
  const target = all[all.length - 1];
  const box = target.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2 + 7, box.y + box.height / 2 + 5];
  const mouse = { pointerId: 1, isPrimary: true, pointerType: "mouse", button: 0, buttons: 1 };
  const at = (dx) => ({ clientX: x + dx, clientY: y + dx / 3, bubbles: true, cancelable: true, ...mouse });
  const both = (kind, dx) => {
    target.dispatchEvent(new PointerEvent("pointer" + kind, at(dx)));
    target.dispatchEvent(new MouseEvent("mouse" + kind, at(dx)));
  };
  if (how === "pan") both("down", 0);
  const start = performance.now();
  let frames = 0;
  const step = () => {
    const passed = performance.now() - start;
    if (passed > 3000) {
      if (how === "pan") both("up", 0);
      done((Math.max(frames, 0.5) * 1000) / passed);
      return;
    }
    const swing = Math.sin(passed / 400);
    if (how === "pan") both("move", 180 * swing);
    else {
      const deltaY = Math.cos(passed / 400) > 0 ? -40 : 40;
      target.dispatchEvent(new WheelEvent("wheel", { ...at(0), deltaY }));
    }
    frames++;
    requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a page took: seconds to its first picture, frames a second while it is moved and zoomed."""

    first: float
    pan: float
    zoom: float


@contextmanager
def chromium() -> Iterator[Browser]:
    """Start a Chromium that draws with the processor; raises `InputError` where there is none."""
    found = shutil.which("chromium")
    if found is None:
        raise InputError("Chromium is not installed; pages are not measured.")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as player:
        browser = player.chromium.launch(
            executable_path=found,
            args=[
                "--no-sandbox",
                "--disable-background-networking",
                "--disable-gpu",
                "--enable-unsafe-swiftshader",
            ],
        )
        yield browser
        browser.close()


def watch(browser: Browser, file: Path, before: str = "") -> tuple[Page, Seen | None]:
    """Open a page, click on `before` if it is named, and time it; None where no picture comes."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    page.add_init_script(FIRST)
    page.set_default_timeout(1000 * PATIENCE)
    page.goto(file.as_uri(), wait_until="commit")
    first, late = None, time.monotonic() + PATIENCE
    while first is None and time.monotonic() < late:
        page.wait_for_timeout(200)
        first = page.evaluate("window.__first ?? null")
    if first is None:
        return page, None
    if before:
        page.click(before)
    page.wait_for_timeout(1500)
    return page, Seen(first / 1000, page.evaluate(MOVE, "pan"), page.evaluate(MOVE, "zoom"))
