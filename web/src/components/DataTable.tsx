import type { ReactNode } from "react";
import "./datatable.css";

export interface Column<T> {
  key: string;
  title: string;
  render: (row: T) => ReactNode;
  /** The column that names the row, for screen readers. */
  isName?: boolean;
  /** A column of buttons: no title shown. */
  actions?: boolean;
  /** Whether the content stays on one line in a wide window. */
  nowrap?: boolean;
}

interface Props<T> {
  /** What the table lists; its accessible name. */
  label: string;
  columns: Column<T>[];
  rows: T[];
  rowKey: (row: T) => string;
  empty: ReactNode;
}

function Cell<T>({ column, row }: { column: Column<T>; row: T }) {
  const content = column.render(row);
  const className = column.actions ? "dt-actions" : column.nowrap ? "dt-nowrap" : undefined;
  if (column.isName) {
    return (
      <th scope="row" data-label={column.title} className={className}>
        <div>{content}</div>
      </th>
    );
  }
  return (
    <td data-label={column.actions ? "" : column.title} className={className}>
      <div>{content}</div>
    </td>
  );
}

/** DataTable is a table that becomes a list of cards in a narrow window. */
export function DataTable<T>({ label, columns, rows, rowKey, empty }: Props<T>) {
  if (rows.length === 0) return <div className="card">{empty}</div>;
  return (
    <table className="dt" aria-label={label}>
      <thead>
        <tr>
          {columns.map((c) => (
            <th key={c.key} scope="col">
              {c.actions ? <span className="visually-hidden">{c.title}</span> : c.title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={rowKey(row)}>
            {columns.map((c) => (
              <Cell key={c.key} column={c} row={row} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
