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
  draw('load', path, most, 'The number of jobs at work over time, ' + most + ' at most');
  $('most').textContent = most;
  return most;
}
// An area over time, from the ground up; the picture is stretched to its frame.
function draw(id, path, high, words) {
  const area = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  area.setAttribute('d', path);
  area.setAttribute('transform', 'translate(0 ' + high + ') scale(1 -1)');
  $(id).setAttribute('viewBox', '0 0 ' + total + ' ' + high);
  $(id).setAttribute('aria-label', words);
  $(id).append(area);
}
// Each look says how busy the processors were since the look before.
function processors() {
  const seen = record.processors;
  if (!seen || !seen.busy.length) return;
  let path = 'M0 0', from = 0, sum = 0;
  for (const { at, percent } of seen.busy) {
    const end = Math.min(at, total);
    path += 'H' + from + 'V' + percent / 100 + 'H' + end;
    sum += percent * (end - from);
    from = end;
  }
  $('processors').hidden = false;
  $('count').textContent = seen.count;
  const mean = (sum / 100 / Math.max(1, from)).toFixed(1);
  draw('busy', path + 'V0Z', Math.max(1, seen.count), 'The processors in use over time, ' + mean + ' of ' + seen.count + ' on the whole');
  $('processors').querySelector('h2').append(': ' + mean + ' of ' + seen.count + ' on the whole');
}
// Marks at round times, about eight of them; the same lines stand behind the bars.
function axis() {
  const wanted = total / 8, round = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600].map(s => s * 1000).find(s => s >= wanted)
    || Math.ceil(wanted / 3600000) * 3600000;
  const every = total < 4000 ? 500 : round;
  const words = ms => ms < 60000 || every < 60000 && total < 60000 ? ms / 1000 + ' s'
    : Math.floor(ms / 60000) + ':' + String(Math.round(ms / 1000) % 60).padStart(2, '0');
  for (let at = 0; at <= total; at += every) {
    const mark = el('span', at === 0 ? '0' : words(at));
    mark.style.left = 100 * at / total + '%';
    if (at > total * .96) mark.className = 'last';
    $('axis').append(mark);
  }
  document.documentElement.style.setProperty('--every', 100 * every / total + '%');
}
$('selection').textContent = record.selection.join(' ');
const built = record.jobs.filter(j => j.step && j.status === 'built').length;
const words = { done: 'done', failed: 'failed', interrupted: 'interrupted' };
$('totals').textContent = (words[record.outcome] || record.outcome) + ' on ' + new Date(record.started * 1000).toLocaleString()
  + ': ' + count(built, 'step') + ' built in ' + data.time + '; all jobs together ' + data.sum
  + ', the critical path ' + data.critical + '; at most ' + load() + ' at once';
$('command').textContent = record.command.join(' ');
axis();
processors();
$('filter').addEventListener('input', list);
$('filter').addEventListener('submit', e => e.preventDefault());
$('filter').addEventListener('reset', () => setTimeout(list));
document.addEventListener('keydown', e => {
  const writing = /^(INPUT|SELECT)$/.test(document.activeElement.tagName);
  if (e.key === '/' && !writing) { e.preventDefault(); $('search').focus(); $('search').select(); }
  if (e.key === 'Escape') { $('filter').reset(); $('search').focus(); }
});
list();
