import { type Content, create } from './dom'

/** A column: its heading, and what stands in it for a row. Numbers stand at the end of their cells. */
export interface Column<Row> {
  readonly title: string
  readonly isNumber?: true
  cell(row: Row): Content
}

/** A table that scrolls by itself where it is too wide. Its first column names the rows. */
export function table<Row>(
  key: string,
  caption: string,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): HTMLElement {
  const head = columns.map(({ title, isNumber }) =>
    create('th', { scope: 'col', class: isNumber && 'number' }, title),
  )
  const body = rows.map((row) =>
    create(
      'tr',
      {},
      ...columns.map(({ cell, isNumber }, index) =>
        create(
          index === 0 ? 'th' : 'td',
          { scope: index === 0 ? 'row' : undefined, class: isNumber && 'number' },
          cell(row),
        ),
      ),
    ),
  )
  return create(
    'div',
    // Whoever has no pointer scrolls it by the arrow keys.
    { class: 'scrolls', tabindex: '0', role: 'group', 'aria-label': caption, 'data-key': key },
    create(
      'table',
      {},
      create('caption', { class: 'unseen' }, caption),
      create('thead', {}, create('tr', {}, ...head)),
      create('tbody', {}, ...body),
    ),
  )
}

/** What is shown when somebody asks for it. */
export function behindButton(
  key: string,
  title: string,
  ...contents: readonly Content[]
): HTMLElement {
  return create(
    'details',
    { 'data-key': key },
    create('summary', { 'data-key': `${key}-button` }, title),
    ...contents,
  )
}
