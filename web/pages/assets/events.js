// The page of events: the form of one, whose next starts are asked for before it is saved, and the week, in which a start is
// dragged to another time. What is dragged can as well be changed in the form.

import { call, refresh, toast } from './admin.js';
import { instant, moment, shownAs } from './zone.js';

const $ = (selector, within = document) => within.querySelector(selector);
const DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
const SLACK = 6; // pixels that a pointer moves before it drags
const ROW = 15; // minutes
const WAIT = 250; // milliseconds after the last key

// ---- what is stored

let plans = new Map(); // by id, as the API has them

async function learn() {
  const { events } = await call('GET', '/api/v1/admin/events');
  plans = new Map(events.map((one) => [one.id, one]));
}

const wish = ({ label, playlist_id, fallback_id, start, rule, lock_minutes, immutable_until, active, rotate }) => ({
  label, playlist_id, fallback_id: fallback_id ?? 0, start, rule, lock_minutes, immutable_until: immutable_until ?? '', active, rotate,
});

const at = (id) => `/api/v1/admin/events/${id}`;

// ---- the form

const form = () => $('#event-form');
const field = (name) => $(`#ev-${name}`);

function ruleOf() {
  switch (field('repeat').value) {
    case '': return '';
    case 'daily': return 'FREQ=DAILY';
    case 'monthly': return 'FREQ=MONTHLY';
    case 'weekly': {
      const days = [...form().querySelectorAll('[data-day]:checked')].map((box) => box.value);
      return `FREQ=WEEKLY;BYDAY=${(days.length ? days : [dayOf(field('start').value)]).join(',')}`;
    }
    default: return field('rule').value.trim();
  }
}

const dayOf = (local) => DAYS[(new Date(`${local}:00Z`).getUTCDay() + 6) % 7] ?? 'MO';

// fit shows the fields that this way of repeating has, and fills in those that are sent.
function fit() {
  if (!form()) return;
  for (const part of form().querySelectorAll('[data-when]')) part.hidden = part.dataset.when !== field('repeat').value;
  if (field('repeat').value !== 'own') field('rule').value = ruleOf();
  const until = field('until').value;
  form().elements.immutable_until.value = until ? new Date(instant(until, form().dataset.zone)).toISOString() : '';
  const yours = $('[data-yours]', form()), starts = instant(field('start').value, form().dataset.zone);
  const here = starts && shownAs(starts, Intl.DateTimeFormat().resolvedOptions().timeZone);
  yours.textContent = here && here !== field('start').value ? `${moment(starts)} for you.` : '';
}

let asked = 0;
async function foretell() {
  if (!form()) return;
  const mine = ++asked;
  const list = $('#next-starts'), zone = form().dataset.zone;
  const says = (lines) => list.replaceChildren(...lines.map((text) => Object.assign(document.createElement('li'), { textContent: text })));
  try {
    const { starts } = await call('POST', '/api/v1/admin/starts', { start: field('start').value, rule: ruleOf() });
    if (mine !== asked) return;
    says(starts.length ? starts.map((one) => moment(Date.parse(one), zone)) : ['None: that time has passed.']);
    tellLock(starts.length ? Date.parse(starts[0]) : 0, zone);
  } catch (refused) {
    if (mine !== asked) return;
    says([refused.message]);
    tellLock(0, zone);
  }
}

// tellLock says what saving does to the desk.
function tellLock(starts, zone) {
  const box = $('#lock-says'), locked = form().dataset.locked !== undefined, active = form().elements.active.checked;
  const closes = starts - Number(field('lock').value) * 60_000;
  let text = '';
  if (!starts || !active) text = locked ? 'Saving this opens requests again.' : '';
  else if (closes <= Date.now()) text = locked ? 'Requests stay closed until it is under way.' : 'Saving this closes requests at once, until it is under way.';
  else if (locked) text = `Saving this opens requests again. They close on ${moment(closes, zone)}.`;
  else text = closes < starts ? `Requests close on ${moment(closes, zone)}.` : 'Requests stay open until it starts.';
  box.hidden = text === '';
  if (box.textContent !== text) box.textContent = text;
}

let timer = 0;
function edited(event) {
  if (!event.target.closest('#event-form')) return;
  fit();
  clearTimeout(timer);
  timer = setTimeout(foretell, WAIT);
}
document.addEventListener('input', edited);
document.addEventListener('change', edited);

document.addEventListener('playbill:done', async (event) => {
  if (!event.target.matches('[data-event-form]')) return;
  event.preventDefault();
  const { said, sent } = event.detail;
  const was = plans.get(said.id);
  const address = new URL($('#main').dataset.address, location.href);
  address.searchParams.delete('new');
  address.searchParams.set('event', said.id);
  $('#main').dataset.address = address.pathname + address.search;
  history.replaceState(null, '', address.pathname + address.search);
  const next = said.next_at ? ` Its next start is ${moment(Date.parse(said.next_at), form().dataset.zone)}.` : '';
  if (!sent.rev) toast(`${said.label} is planned.${next}`, () => call('DELETE', at(said.id)));
  else toast(`${said.label} was saved.${next}`, was?.rev === sent.rev ? () => call('PUT', at(said.id), wish(was)) : null);
  await again();
});

async function again() {
  await refresh();
  await learn();
  fit();
}

// ---- delete, run again

document.addEventListener('click', async (event) => {
  const forget = event.target.closest('button[data-forget]'), rerun = event.target.closest('button[data-rerun]');
  if (!forget && !rerun) return;
  try {
    if (forget) {
      await learn();
      const was = plans.get(Number(forget.dataset.forget));
      await call('DELETE', `${at(forget.dataset.forget)}?rev=${forget.dataset.rev}`);
      toast(`${forget.dataset.name} was deleted.`, was ? () => call('POST', '/api/v1/admin/events', wish(was)) : null);
    } else {
      await call('POST', `${at(rerun.dataset.rerun)}/fire`);
      await call('POST', `/api/v1/admin/alarms/${rerun.dataset.alarm}/seen`);
      toast('It has begun.');
    }
  } catch (refused) {
    toast(refused.message, null, true);
  }
  form()?.removeAttribute('hx-morph-skip');
  await again();
});

document.addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.more[open]')) {
    if (!open.contains(event.target) || event.target.closest('.menu button')) open.removeAttribute('open');
  }
});

// ---- the week

let held = null; // what is being dragged
let dropped = 0; // when something was dropped: the click that follows opens nothing

document.addEventListener('dragstart', (event) => { if (event.target.closest?.('.ev')) event.preventDefault(); });

document.addEventListener('pointerdown', (event) => {
  const show = event.target.closest('.ev[data-event]');
  if (!show || event.button !== 0 || event.pointerType === 'touch' || getComputedStyle($('#week')).display !== 'grid') return;
  held = { show, x: event.clientX, y: event.clientY, ghost: null, grip: rowAt(show.closest('.day'), event.clientY) - Number(show.dataset.row) };
});

document.addEventListener('pointermove', (event) => {
  if (!held) return;
  if (!held.ghost) {
    if (Math.hypot(event.clientX - held.x, event.clientY - held.y) < SLACK) return;
    held.show.dataset.held = '';
    held.ghost = document.createElement('span');
  }
  event.preventDefault();
  place(event);
});

document.addEventListener('pointerup', () => {
  const { show, ghost, to } = held ?? {};
  release();
  if (!ghost) return;
  dropped = Date.now();
  if (to && to !== show.dataset.starts) move(Number(show.dataset.event), show.dataset.starts, to);
});
document.addEventListener('pointercancel', release);
document.addEventListener('keydown', (event) => {
  if (event.key !== 'Escape' || !held?.ghost) return;
  dropped = Date.now();
  release();
});
document.addEventListener('click', (event) => { if (Date.now() - dropped < 300 && event.target.closest('.week')) event.preventDefault(); }, true);

function release() {
  held?.ghost?.remove();
  if (held) delete held.show.dataset.held;
  held = null;
}

function rowAt(day, y) {
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
  return Math.floor((y - day.getBoundingClientRect().top - 3.25 * rem) / (0.875 * rem));
}

// place shows where the held start would go.
function place({ clientX, clientY }) {
  const day = document.elementsFromPoint(clientX, clientY).find((node) => node.matches('.week .day'));
  if (!day) return;
  const from = Number($('#week').dataset.from);
  const row = Math.min(Math.max(rowAt(day, clientY) - held.grip, 0), ((24 - from) * 60) / ROW - 1);
  const minutes = from * 60 + row * ROW;
  const time = `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  held.to = `${day.dataset.date}T${time}`;
  held.ghost.className = `ev ghost f${row} l${held.show.dataset.length}`;
  held.ghost.textContent = time;
  if (held.ghost.parentElement !== day) day.append(held.ghost);
  $('#week-say').textContent = `${day.getAttribute('aria-label')}, ${time}`;
}

const later = (local, days) => {
  const day = new Date(`${local.slice(0, 10)}T12:00:00Z`);
  day.setUTCDate(day.getUTCDate() + days);
  return day.toISOString().slice(0, 10);
};

// moved is a schedule whose start at one time goes to another; null: its rule says its day, and only the form changes that.
function moved({ start, rule }, from, to) {
  const days = Math.round((Date.parse(`${to.slice(0, 10)}T12:00:00Z`) - Date.parse(`${from.slice(0, 10)}T12:00:00Z`)) / 86_400_000);
  const time = to.slice(10);
  if (rule === '') return { start: to, rule };
  if (rule === 'FREQ=DAILY' || days === 0) return { start: start.slice(0, 10) + time, rule };
  const weekly = rule.match(/^FREQ=WEEKLY(?:;BYDAY=([A-Z,]+))?$/);
  if (weekly) {
    const shifted = weekly[1] ? weekly[1].split(',').map((day) => DAYS[(DAYS.indexOf(day) + days + 7) % 7]) : null;
    return { start: later(start, days) + time, rule: shifted ? `FREQ=WEEKLY;BYDAY=${shifted.join(',')}` : rule };
  }
  return rule === 'FREQ=MONTHLY' ? { start: later(start, days) + time, rule } : null;
}

async function move(id, from, to) {
  try {
    await learn();
    const was = plans.get(id);
    if (!was) throw new Error('That event is not there any more. Somebody may have deleted it.');
    const next = moved(was, from, to);
    if (!next) throw new Error(`${was.label} repeats by a rule of its own. Change its day in the form.`);
    await call('PUT', at(id), { ...next, rev: was.rev });
    const when = new Date(`${to}:00Z`).toLocaleString('en-GB', { timeZone: 'UTC', weekday: 'long', hour: '2-digit', minute: '2-digit' });
    toast(`${was.label} was moved to ${when}${was.rule ? ', and so was every other start of it' : ''}.`,
      () => call('PUT', at(id), { start: was.start, rule: was.rule }));
  } catch (refused) {
    toast(refused.message, null, true);
  }
  await again();
}

fit();
if (form()) foretell();
learn().catch(() => {}); // the host is away: a save then has no Undo
