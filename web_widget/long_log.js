/** The view of a log with many messages: only those near what the customer sees are drawn. */

import { h } from './elements.js';

const [STEP, MOST] = [10, 100];

/** @type {MakeLongLog} */
export function makeLongLog({ element, list, first, redraw, fetch }) {
  const content = /** @type {HTMLElement} */ (element.firstElementChild);
  const space = h('div', {});
  /** @type {readonly Message[]} */
  let messages = [];
  let [begin, end, top, bottom, gap] = [0, 0, first, Infinity, 0];

  /** @type {LongLog} */
  const my = {
    select(all) {
      messages = all;
      end = all.findLastIndex(({ seq }) => seq <= bottom) + 1;
      begin = top ? all.findIndex(({ seq }) => seq >= top) : -1;
      const atEnd = bottom === Infinity && element.scrollTop > -1;
      if (begin < 0 || (atEnd && end - begin > MOST)) begin = Math.max(0, end - STEP);
      top = all[begin]?.seq ?? 0;
      return all.slice(begin, end);
    },

    follow() {
      [top, bottom, gap, element.scrollTop] = [0, Infinity, 0, 0];
    },

    depth: (row) => content.offsetHeight - list.offsetTop - row.offsetTop,

    keep(change) {
      const { scrollTop, clientHeight } = element;
      const rows = Array.from(list.children, (row) => /** @type {HTMLElement} */ (row));
      const at = rows.findIndex((row) => my.depth(row) - row.offsetHeight < clientHeight - scrollTop);
      const near = scrollTop < -1 ? rows.slice(at).slice(0, 3) : [];
      const depths = new Map(near.map((row) => [row, my.depth(row)]));
      change();
      const row = near.find(({ isConnected }) => isConnected);
      const moved = () => (row ? my.depth(row) - Number(depths.get(row)) : 0);
      gap = bottom < Infinity ? Math.max(0, gap - moved()) : 0;
      space.style.blockSize = `${gap}px`;
      const rest = moved();
      if (rest) element.scrollTop -= rest;
    },

    fit() {
      const { scrollTop, scrollHeight, clientHeight } = element;
      const depth = Math.abs(scrollTop);
      if (!clientHeight) return;
      if (bottom < Infinity && depth < 1) my.follow();
      else if (begin && scrollHeight - clientHeight - depth < clientHeight) {
        begin = Math.max(0, begin - STEP);
        if (begin + MOST < end) bottom = messages[begin + MOST - 1]?.seq ?? bottom;
        top = messages[begin]?.seq ?? 0;
      } else if (bottom < Infinity && depth - gap < clientHeight) {
        end += STEP;
        bottom = messages[end] ? messages[end - 1]?.seq ?? Infinity : Infinity;
        top = messages[Math.max(begin, end - MOST)]?.seq ?? 0;
      } else {
        if (!begin) fetch();
        return;
      }
      redraw();
      setTimeout(my.fit);
    },
  };
  list.parentElement?.after(space);
  element.style.overflowAnchor = 'none';
  return my;
}
