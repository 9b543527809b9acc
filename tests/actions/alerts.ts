import { type Alert, listAlerts } from '../../db/queries/alerts.ts';
import type { House } from '../house.ts';

/** What people of the house were told of one kind, the newest first. */
export const alertsOf = async (house: House, kind: string): Promise<Alert[]> =>
  (await listAlerts(house.store.read, house.page.id, 100)).filter((a) => a.kind === kind);
