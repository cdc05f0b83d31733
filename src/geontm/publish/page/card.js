/* The card of one commune: its figures and the reasons of every rule set. */

class CardSide extends MapSide {
  card(unit) {
    const { units, columns, popup } = this.head;
    const rows = popup.map((name) => {
      const column = columns[name], rank = name === 'priority_rank' && this.head.ranks[unit];
      let value = this.value(name, unit);
      if (value === null && rank) value = this.t('rank_between', { a: rank[0], b: rank[1] });
      return el('tr', {},
        el('th', { scope: 'row' }, this.pick(column.label),
          column.illustrative ? el('span', { class: 'gt-mark', title: this.t('illustrative') }, ' ◇') : ''),
        el('td', { class: value === null ? 'gt-none' : null }, value === null ? this.nothing(name) : value || '–'));
    });
    const any = popup.some((name) => columns[name].illustrative);
    const figures = rows.length ? el('table', {}, el('tbody', {}, ...rows)) : '';
    const mark = any ? el('p', { class: 'gt-fine' }, '◇ ' + this.t('illustrative')) : '';
    const reasonsFirst = this.head.layers[this.current].kind === 'category';
    return el('div', { class: 'gt-card', role: 'dialog', 'aria-label': units.name[unit] },
      el('h2', {}, units.name[unit]),
      el('p', { class: 'gt-where' }, `${units.provinces[units.province[unit]]} · ${this.t('code')} ${units.code[unit]}`),
      ...(reasonsFirst ? [...this.reasons(unit), figures, mark] : [figures, mark, ...this.reasons(unit)]));
  }

  nothing(name) {
    const layer = this.head.layers.find((each) => each.column === name && each.missing);
    return layer ? this.pick(layer.missing) : this.t('no_data');
  }

  reasons(unit) {
    const { rulesets, tests, texts, rows, briefs } = this.head.verdicts, side = this.lang === 'vi' ? 0 : 1;
    const found = [], star = () => el('span', { class: 'gt-mark', title: this.t('illustrative') }, ' ◇');
    rulesets.forEach((ruleset, number) => {
      const mine = rows[unit].filter((row) => tests[row[0]][0] === number);
      if (!mine.length) return;
      // The verdict of the whole set stands first; an outcome that says the same is not repeated.
      const verdict = mine.find((row) => tests[row[0]][1] === ruleset.id);
      const rest = mine.filter((row) => row !== verdict && !(verdict && row[3] === verdict[3] && row[1] === verdict[1]));
      const counts = [0, 0, 0];
      const single = rest.filter((row) => tests[row[0]][3]);
      (single.length ? single : rest).forEach((row) => counts[row[1]]++);
      const item = ([test, answer, value, words]) => {
        const [, name, article, threshold] = tests[test], text = texts[words][side] || name;
        const told = article && texts[words].some((text) => text.includes(article)); // articles are in Vietnamese
        const facts = told ? '' : [value !== '' ? `${this.t('value')}: ${value}` : '',
          threshold ? `${this.t('threshold')}: ${threshold}` : '', article].filter(Boolean).join(' · ');
        return el('li', { class: 'gt-a' + answer },
          el('span', { class: 'gt-sign', role: 'img', 'aria-label': this.t('answer_' + answer) }, '✗✓?'[answer]),
          el('div', {}, el('span', {}, text), facts ? el('small', {}, facts) : ''));
      };
      const [, change, missing] = (briefs[unit] || []).find((brief) => brief[0] === number) || [0, -1, -1];
      const brief = (key, words) => words < 0 ? '' : el('p', { class: 'gt-brief' },
        el('b', {}, this.t(key)), ' ' + texts[words][side]);
      found.push(el('section', {},
        el('h4', {}, this.pick(ruleset.label), ruleset.illustrative ? star() : '', ruleset.document ? el('small', {}, ruleset.document) : ''),
        verdict ? el('ul', { class: 'gt-verdict' }, item(verdict)) : '',
        brief('changes', change), brief('missing', missing),
        rest.length ? el('details', { open: !verdict || ruleset.scored },
          el('summary', {}, el('span', {}, this.t(ruleset.scored ? 'criteria' : 'tests')),
            el('span', { class: 'gt-tally' }, (ruleset.scored ? '' : `✓ ${counts[1]}   `) + `✗ ${counts[0]}   ? ${counts[2]}`)),
          el('ul', {}, ...rest.map(item))) : ''));
    });
    const marked = rulesets.some((ruleset) => ruleset.illustrative);
    return found.length ? [el('h3', {}, this.t('why')), ...found,
      marked ? el('p', { class: 'gt-fine' }, '◇ ' + this.t('illustrative')) : ''] : [];
  }
}
