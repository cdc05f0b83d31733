/* Search without diacritics by name, code and province: every word must be found; whole names and beginnings come first. */

const MOST_FOUND = 8;

part('panel', 10, (app) => {
  const { units } = app.head;
  let keys = null, names = null; // made at the first key: the map need not wait for them
  const prepare = () => {
    const provinces = units.provinces.map((name) => ' ' + bare(name));
    names = units.name.map((name) => bare(name));
    keys = names.map((name, unit) => `${name} ${units.code[unit]}${units.provinces.length > 1 ? provinces[units.province[unit]] : ''}`);
  };
  function find(text) {
    const words = bare(text).split(/\s+/).filter(Boolean), whole = words.join(' ');
    if (!whole) return null;
    if (!keys) prepare();
    const score = (unit) => {
      const name = names[unit], short = shortKey(name);
      if (short === whole || name === whole || units.code[unit] === whole) return 0;
      if (short.startsWith(whole) || name.startsWith(whole) || units.code[unit].startsWith(whole)) return 1;
      return words.every((word) => name.includes(word)) ? 2 : 3;
    };
    const found = [];
    keys.forEach((key, unit) => { if (words.every((word) => key.includes(word))) found.push([score(unit), unit]); });
    return found.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map(([, unit]) => unit);
  }
  return {
    draw() {
      const list = el('ul', { id: 'gt-found', role: 'listbox', 'aria-label': app.t('search'), hidden: true });
      const live = el('p', { class: 'gt-hidden', role: 'status' });
      const input = el('input', { type: 'search', role: 'combobox', 'aria-expanded': 'false', 'aria-controls': 'gt-found',
        'aria-autocomplete': 'list', autocomplete: 'off', spellcheck: 'false', placeholder: app.t('search'), 'aria-label': app.t('search') });
      let found = [], active = -1;
      const close = () => { list.hidden = true; input.setAttribute('aria-expanded', 'false'); input.removeAttribute('aria-activedescendant'); };
      const take = (unit) => { close(); live.textContent = ''; input.value = units.name[unit]; app.set({ unit: null }); app.set({ unit, at: null, near: true }); };
      const mark = (next) => {
        active = next;
        [...list.children].forEach((item, k) => item.setAttribute('aria-selected', String(k === active)));
        if (active >= 0) input.setAttribute('aria-activedescendant', 'gt-found-' + active);
        else input.removeAttribute('aria-activedescendant');
      };
      const item = (unit, k) => el('li', { role: 'option', id: 'gt-found-' + k, 'aria-selected': 'false',
        onmousedown: (event) => { event.preventDefault(); take(unit); } },
        el('span', {}, units.name[unit]), el('small', {}, [units.provinces[units.province[unit]], units.code[unit]].filter(Boolean).join(' · ')));
      input.addEventListener('input', () => {
        const all = find(input.value);
        live.textContent = all ? (all.length ? app.t('found', { n: app.number(all.length, 0) }) : app.t('nothing_found')) : '';
        found = (all || []).slice(0, MOST_FOUND);
        if (!all) return close();
        const rest = all.length - found.length;
        list.replaceChildren(...found.map(item));
        if (!found.length || rest) {
          list.append(el('li', { class: 'gt-none', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' },
            rest ? app.t('found_more', { n: app.number(rest, 0) }) : app.t('nothing_found')));
        }
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
      return el('div', { class: 'gt-search' }, input, list, live);
    },
  };
});
