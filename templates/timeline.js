'use strict';
const data = JSON.parse(document.getElementById('data').textContent), record = data.record;
const $ = id => document.getElementById(id);
const el = (name, text, attrs) => {
  const e = document.createElement(name);
  if (text !== undefined) e.textContent = text;
  for (const key in attrs || {}) e.setAttribute(key, attrs[key]);
  return e;
};
const seconds = ms => (ms / 1000).toFixed(1) + ' s';
const count = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');
const key = j => j.platform + '/' + j.step;
const critical = new Set(record.critical.map(key));
const total = Math.max(1, record.milliseconds);
const rows = [
  ...record.jobs.map(j => ({ ...j, title: j.step || j.name, css: j.status !== 'built' ? j.status : !j.step ? 'none' : j.platform === 'host' ? 'host' : '' })),
  ...record.fetched.map(f => ({ ...f, title: f.step || f.name, kind: 'from ' + f.from, css: 'cache' })),
].map(r => ({ ...r, time: r.end - r.start, critical: !!r.step && critical.has(key(r)), words: [r.title, r.platform, r.kind, r.machine, r.css].join(' ').toLowerCase() }));
const orders = {
  start: (a, b) => a.start - b.start || a.end - b.end,
  time: (a, b) => b.time - a.time || a.start - b.start,
  name: (a, b) => a.title < b.title ? -1 : a.title > b.title ? 1 : 0,
};
function list() {
  const words = $('search').value.trim().toLowerCase().split(/\s+/).filter(w => w);
  const shown = rows.filter(r => (!$('only').checked || r.critical) && words.every(w => r.words.includes(w)));
  shown.sort(orders[$('order').value]);
  const body = document.createDocumentFragment();
  for (const r of shown) {
    const row = el('tr', undefined, r.critical ? { class: 'critical' } : {});
    const about = [r.title, r.platform, r.kind, r.machine && 'on ' + r.machine, seconds(r.time)].filter(x => x).join(', ');
    row.append(el('td', r.title, { class: 'name', title: about }));
    row.append(el('td', seconds(r.start), { class: 'number' }), el('td', seconds(r.time), { class: 'number' }));
    const lane = el('div', undefined, { class: 'lane' });
    const bar = el('div', undefined, { class: ('bar ' + r.css).trim(), title: about });
    bar.style.left = 100 * r.start / total + '%';
    bar.style.width = 100 * r.time / total + '%';
    lane.append(bar);
    const cell = el('td'); cell.append(lane); row.append(cell);
    body.append(row);
  }
  $('rows').replaceChildren(body);
  $('found').textContent = shown.length + ' of ' + rows.length;
}
function load() {
  const steps = [];
  rows.forEach(r => { if (r.end > r.start) steps.push([r.start, 1], [r.end, -1]); });
  steps.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  let now = 0, most = 1, path = 'M0 0';
  for (const [at, by] of steps) { path += 'H' + at; now += by; most = Math.max(most, now); path += 'V' + now; }
  path += 'H' + total + 'V0Z';
  const ns = 'http://www.w3.org/2000/svg', area = document.createElementNS(ns, 'path');
  area.setAttribute('d', path);
  area.setAttribute('transform', 'translate(0 ' + most + ') scale(1 -1)');
  $('load').setAttribute('viewBox', '0 0 ' + total + ' ' + most);
  $('load').setAttribute('aria-label', 'The number of jobs at work over time, ' + most + ' at most');
  $('load').append(area);
  return most;
}
$('selection').textContent = record.selection.join(' ');
const built = record.jobs.filter(j => j.step && j.status === 'built').length;
const words = { done: 'done', failed: 'failed', interrupted: 'interrupted' };
$('totals').textContent = (words[record.outcome] || record.outcome) + ' on ' + new Date(record.started * 1000).toLocaleString()
  + ': ' + count(built, 'step') + ' built in ' + data.time + '; all jobs together ' + data.sum
  + ', the critical path ' + data.critical + '; at most ' + load() + ' at once';
$('command').textContent = record.command.join(' ');
$('end').textContent = seconds(record.milliseconds);
$('filter').addEventListener('input', list);
$('filter').addEventListener('submit', e => e.preventDefault());
$('filter').addEventListener('reset', () => setTimeout(list));
document.addEventListener('keydown', e => {
  const writing = /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  if (e.key === '/' && !writing) { e.preventDefault(); $('search').focus(); $('search').select(); }
  if (e.key === 'Escape') { $('filter').reset(); $('search').focus(); }
});
list();
