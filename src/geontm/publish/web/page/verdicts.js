/* The reasons of one unit, out of the columns of all (see verdicts.py). */

// Gives rulesets, tests, texts [vi, en], rows [test, answer, value, text] and briefs [ruleset, text of what would
// change it, text of what is missing; -1 for none].
function reasonsOf({ rulesets, tests, columns, changes, missing, odd }, unit) {
  const texts = [], numbers = new Map(), rows = [], briefs = [];
  const told = (vi, en) => {
    const key = JSON.stringify([vi, en]);
    if (!numbers.has(key)) numbers.set(key, texts.push([vi, en]) - 1);
    return numbers.get(key);
  };
  const add = (test, [answer, vi, en, value]) => rows.push([test, answer, value, told(vi, en)]);
  if (odd[unit]) odd[unit].forEach(([test, ...row]) => add(test, row));
  else columns.forEach((column, test) => { const found = sentence(column, unit); if (found) add(test, found); });
  rulesets.forEach((_, ruleset) => {
    const pair = [changes, missing].map((each) => sentence(each[ruleset], unit)).map((found) => (found ? told(found[1], found[2]) : -1));
    if (pair.some((text) => text >= 0)) briefs.push([ruleset, ...pair]);
  });
  return { rulesets, tests, texts, rows, briefs };
}

function sentence({ words, templates, figures }, unit) {
  const of = (k) => (typeof words === 'string' ? (words[k] === ' ' ? -1 : words.charCodeAt(k) - 93) : words[k]), number = of(unit);
  if (number < 0) return null;
  const [answer, ...parts] = templates[number];
  if (!figures[number]) return templates[number];
  let line = 0;
  for (let k = 0; k < unit; k++) if (of(k) === number) line++;
  const mine = figures[number].split('\n')[line].split('|');
  const turned = (text) => text.replace(/[,.]/g, (sign) => (sign === ',' ? '.' : ','));
  return [answer, ...parts.map((part) => part.replace(/\x01(\d+)\x01/g, (_, k) => mine[k]).replace(/\x02(\d+)\x02/g, (_, k) => turned(mine[k])))];
}
