/** What is told of a column. */
export interface ColumnSummary {
  readonly name: string;
  /** Cells that hold a number. */
  readonly numbers: number;
  /** Of those cells; 0 when there are none. */
  readonly sum: number;
}

/** What a CSV comes to. */
export interface CsvSummary {
  /** Without the header. */
  readonly rows: number;
  readonly columns: readonly ColumnSummary[];
}
