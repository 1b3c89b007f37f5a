import type { ContractCase } from '../contract-case.ts';
import { claimCases } from './claim-cases.ts';
import { commitCases } from './commit-cases.ts';
import { contactCases } from './contact-cases.ts';
import { eraseCases } from './erase-cases.ts';
import { idempotencyCases } from './idempotency-cases.ts';
import { isolationCases } from './isolation-cases.ts';
import { leaseCases } from './lease-cases.ts';
import { listCases } from './list-cases.ts';
import { messageCases } from './message-cases.ts';
import { modelCases } from './model-cases.ts';
import { notificationCases } from './notification-cases.ts';
import { pruneCases } from './prune-cases.ts';
import { raceCases } from './race-cases.ts';
import { setupCases } from './setup-cases.ts';
import type { StoreTrial } from './store-trial.ts';
import { suppressionCases } from './suppression-cases.ts';
import { valueCases } from './value-cases.ts';

/** The store contract: every case, by concern. */
export const storeCases: Readonly<Record<string, readonly ContractCase<StoreTrial>[]>> = {
  setup: setupCases,
  commit: commitCases,
  races: raceCases,
  contacts: contactCases,
  idempotency: idempotencyCases,
  suppressions: suppressionCases,
  notifications: notificationCases,
  messages: messageCases,
  claim: claimCases,
  leases: leaseCases,
  lists: listCases,
  erase: eraseCases,
  prune: pruneCases,
  isolation: isolationCases,
  values: valueCases,
  model: modelCases,
};
