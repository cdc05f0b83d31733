/* Search without diacritics: every word must be in the name; whole names and beginnings come first. */

part('panel', 10, (app) => {
  const { units } = app.head, keys = units.name.map((name) => bare(name));
  function find(text) {
    const words = bare(text).split(/\s+/).filter(Boolean), whole = words.join(' ');
    if (!whole) return null;
    const score = (key) => (shortKey(key) === whole ? 0 : shortKey(key).startsWith(whole) || key.startsWith(whole) ? 1 : 2);
    return keys.map((key, unit) => unit).filter((unit) => words.every((word) => keys[unit].includes(word)))
      .sort((a, b) => score(keys[a]) - score(keys[b]) || a - b).slice(0, 8);
  }
  return {
    draw() {
      const list = el('ul', { id: 'gt-found', role: 'listbox', 'aria-label': app.t('search'), hidden: true });
      const input = el('input', { type: 'search', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'gt-found',
        'aria-autocomplete': 'list', autocomplete: 'off', placeholder: app.t('search'), 'aria-label': app.t('search') });
      let found = [], active = -1;
      const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
      const take = (unit) => { close(); input.value = units.name[unit]; app.set({ unit: null }); app.set({ unit, at: null, near: true }); };
      const mark = (next) => {
        active = next;
        [...list.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === active)));
        if (active >= 0) input.setAttribute('aria-activedescendant', 'gt-found-' + active);
      };
      const item = (unit, k) => el('li', { role: 'option', id: 'gt-found-' + k, 'aria-selected': 'false',
        onmousedown: (event) => { event.preventDefault(); take(unit); } },
        units.name[unit], el('small', {}, units.provinces[units.province[unit]]));
      input.addEventListener('input', () => {
        found = find(input.value);
        if (!found) return close();
        list.replaceChildren(...(found.length ? found.map(item) : [el('li', { class: 'gt-none' }, app.t('nothing_found'))]));
        list.hidden = false;
        input.setAttribute('aria-expanded', 'true');
        mark(-1);
      });
      input.addEventListener('keydown', (event) => {
        if (event.key === 'Escape') return close();
        if (list.hidden || !found.length) return;
        if (event.key === 'ArrowDown') { mark((active + 1) % found.length); event.preventDefault(); }
        if (event.key === 'ArrowUp') { mark((active - 1 + found.length) % found.length); event.preventDefault(); }
        if (event.key === 'Enter') take(found[Math.max(active, 0)]);
      });
      input.addEventListener('blur', close);
      return el('div', { class: 'gt-search' }, input, list);
    },
  };
});
