import type { Installation } from './install'
import type { BenchResults } from './results'

export async function drawCharts(_on: Installation, _results: BenchResults): Promise<void> {}
export async function writeDocuments(): Promise<void> {}
