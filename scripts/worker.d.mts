/** Makes the worker's program in `folder`, as `<sha256>.tar.gz`. The same sources give the same bytes. */
export function build(folder: string): { file: string; sha256: string; bytes: number }
