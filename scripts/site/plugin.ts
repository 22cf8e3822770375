// The plugin of TypeDoc that makes one site of guides and reference: `npm run docs`.
import type { Application } from 'typedoc'
import { load as loadDiagrams } from './diagrams'
import { load as loadGuides } from './guides'
import { load as loadRouter } from './router'
import { load as loadSources } from './sources'

export function load(app: Application): void {
  loadRouter(app)
  loadGuides(app)
  loadSources(app)
  loadDiagrams(app)
}
