import type { Field } from './contract.ts';

/** Our app's public name on a network. */
export const clientIdField = (label: string, help: string): Field => ({
  name: 'clientId',
  label,
  help,
  secret: false,
  required: true,
});

export const secretField = (name: string, label: string, help: string, required = true): Field => ({
  name,
  label,
  help,
  secret: true,
  required,
});

/** Where the network is, for drills and tests. */
export const apiField = (network: string, placeholder: string): Field => ({
  name: 'api',
  label: 'API address',
  help: `Leave empty for ${network} itself. Only for a stand-in during drills.`,
  secret: false,
  required: false,
  placeholder,
});
