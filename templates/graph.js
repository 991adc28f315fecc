'use strict';
const plan = JSON.parse(document.getElementById('data').textContent);
const steps = plan.steps;
const $ = id => document.getElementById(id);
const el = (name, text, attrs) => {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  for (const key in attrs || {}) e.setAttribute(key, attrs[key]);
  return e;
};
const count = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');
const seconds = ms => {
  const whole = Math.round(ms / 1000);
  return ms < 99950 ? (ms / 1000).toFixed(1) + ' s' : Math.floor(whole / 60) + ' min ' + whole % 60 + ' s';
};
const byText = (a, b) => a < b ? -1 : a > b ? 1 : 0;

// The graph. What a step reaches is a set of bits: a thousand steps cost a few milliseconds.
const neededBy = steps.map(() => []);
steps.forEach((s, i) => s.needs.forEach(n => neededBy[n].push(i)));
const order = (() => {
  const left = steps.map(s => s.needs.length), ready = [], done = [];
  left.forEach((n, i) => { if (n === 0) ready.push(i); });
  while (ready.length) {
    const i = ready.pop();
    done.push(i);
    neededBy[i].forEach(d => { if (--left[d] === 0) ready.push(d); });
  }
  return done;
})();
const words32 = steps.length + 31 >>> 5;
const bit = (set, i) => set[i >>> 5] >>> (i & 31) & 1;
const size = set => {
  let sum = 0;
  for (let word of set) for (; word; word &= word - 1) sum++;
  return sum;
};
const unite = (into, set) => { for (let w = 0; w < words32; w++) into[w] |= set[w]; };
const closure = (sequence, next) => {
  const sets = new Array(steps.length);
  for (const i of sequence) {
    const set = new Uint32Array(words32);
    set[i >>> 5] |= 1 << (i & 31);
    next(i).forEach(n => unite(set, sets[n]));
    sets[i] = set;
  }
  return sets;
};
const below = closure(order, i => steps[i].needs);
const above = closure([...order].reverse(), i => neededBy[i]);
const cost = above.map(size);
const critical = new Set(plan.critical);
// How long the way to a step is: a package's build script comes before its library.
const depth = steps.map(() => 0);
order.forEach(i => steps[i].needs.forEach(n => { depth[i] = Math.max(depth[i], depth[n] + 1); }));

// Short names of platforms: the architecture, where that tells them apart.
const platforms = [...new Set(steps.map(s => s.platform))].sort((a, b) => (a !== 'host') - (b !== 'host') || byText(a, b));
const arch = p => p.split('-')[0];
const short = p => platforms.filter(o => arch(o) === arch(p)).length === 1 ? arch(p) : p;
const texts = steps.map(s => [s.name, s.package, s.platform, ...s.features].join(' ').toLowerCase());

const address = i => '#' + encodeURIComponent(steps[i].platform + '/' + steps[i].name);
const link = (i, text) => el('a', text || steps[i].name, { class: 'step', href: address(i), 'data-i': i });
const place = i => el('span', short(steps[i].platform), { class: 'place ' + (steps[i].platform === 'host' ? 'host' : ''), title: steps[i].platform });
const costCell = (n, total) => {
  const cell = el('td', n, { class: 'number cost' });
  cell.style.setProperty('--part', (100 * n / total).toFixed(1) + '%');
  return cell;
};
