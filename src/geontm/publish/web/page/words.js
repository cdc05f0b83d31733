/* Words and numbers in the language of the page. */

class Words {
  constructor(head) {
    this.head = head;
    this.state = { lang: head.page.lang };
    this.formats = new Map();
  }
  get lang() { return this.state.lang; }

  t(key, fields) {
    const text = this.head.texts[key][this.lang];
    return text.replace(/\{(\w+)\}/g, (_, name) => String((fields || {})[name]));
  }
  pick(pair) { return pair ? pair[this.lang] : ''; }
  number(value, digits) {
    const size = Math.abs(value), places = digits ?? (size >= 100 ? 1 : size >= 1 ? 2 : 3);
    const tiny = places && value && size < 0.5 / 10 ** places; // never 0: its first digit instead
    const key = `${this.lang} ${tiny ? 'tiny' : places}`; // a format is slow to make and quick to use
    if (!this.formats.has(key)) this.formats.set(key, new Intl.NumberFormat(this.lang === 'vi' ? 'vi-VN' : 'en-US', tiny ? { maximumSignificantDigits: 1 } : { maximumFractionDigits: places }));
    return this.formats.get(key).format(value);
  }
  // A number as people type it: 12,5 or 1.234,5 in Vietnamese, 12.5 or 1,234.5 in English; null where it is none.
  read(text) {
    const [point, group] = this.lang === 'vi' ? [',', '.'] : ['.', ','], plain = text.replace(/[\s\u00a0%]/g, '');
    const parts = plain.split(group), grouped = parts.length > 1 && /^[-+]?[1-9]\d{0,2}$/.test(parts[0]) && parts.slice(1).every((each) => /^\d{3}(\D|$)/.test(each));
    const whole = grouped || plain.includes(point) ? parts.join('') : parts.join('.');
    const number = whole.replace(point, '.');
    return /^[-+]?(\d+\.?\d*|\.\d+)$/.test(number) ? Number(number) : null;
  }
  day(iso) {
    const [year, month, day] = iso.split('-');
    return this.lang === 'vi' ? `${day}/${+month < 3 ? month : +month}/${year}` : iso;  // 01/02/2026, 30/6/2026: as decrees write it
  }
  values(name) { return this.head.columns[name].values; }
  value(name, unit, year = this.state.year) {
    const column = this.head.columns[name], values = this.values(name, year), value = values[unit];
    if (value === null) return values === column.values ? this.between(column, unit) : null;
    if (typeof value === 'boolean') return this.t(value ? 'yes' : 'no');
    const choice = column.choices[String(value)];
    if (choice) return this.pick(choice);
    if (typeof value === 'string') { // a text may list several words of its column
      return value.split(', ').map((word) => (column.choices[word] ? this.pick(column.choices[word]) : word)).join(', ');
    }
    return this.number(value, this.digits(column)) + this.sign(column);
  }
  sign(column) { return column.unit === '%' ? '%' : column.unit ? '\u00a0' + this.unit(column.unit) : ''; }
  digits(column) { return column.digits; }
  between(column, unit) {  // what an open value is at least and at most
    if (!column.bounds) return null;
    const [low, high] = column.bounds.map((values) => values[unit]), sign = this.sign(column);
    if (low === null && high === null) return null;
    const digits = this.digits(column);
    if (high === null) return this.t('at_least_value', { a: this.number(low, digits) + sign });
    if (low === null) return this.t('at_most_value', { a: this.number(high, digits) + sign });
    const [a, b] = this.span(low, high, digits);
    return (a === b ? a : `${a}\u2060–\u2060${b}`) + sign;
  }
  span(low, high, digits) {  // bounds that differ read alike only where four digits cannot tell them apart
    const plain = [low, high].map((each) => this.number(each, digits));
    return plain[0] !== plain[1] || low === high ? plain : [low, high].map((each) => this.number(each, 4));
  }
  unit(unit) {
    const known = this.head.texts[`unit ${unit}`];
    return known ? known[this.lang] : unit;
  }
}
