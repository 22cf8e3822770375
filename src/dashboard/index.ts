export { type Alarms, type AlarmsOptions, alarms } from './alarms'
export { createDashboard } from './create-dashboard'
export type { Alarm, Permission, VitalName, Vitals } from './data'
export type { DashboardManager, DashboardOptions, Viewer } from './options'
