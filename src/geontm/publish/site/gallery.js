"use strict";
{
  // Nothing is stored: a page opened from a disk may not, and a shared office PC should not.
  const root = document.documentElement;
  const prefersDark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : prefersDark.matches);
  const mark = () => root.classList.toggle("dark", isDark());
  document.querySelector(".switches").hidden = false;
  document.getElementById("language").addEventListener("click", () => {
    root.lang = root.lang === "vi" ? "en" : "vi";
  });
  document.getElementById("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    mark();
  });
  prefersDark.addEventListener("change", mark);
  mark();
}
