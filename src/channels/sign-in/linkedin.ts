import { askJson, rootOf, webOf } from '../ask-json.ts';
import { failureOfAnswer, listOf, recordOf, textOf } from '../classify.ts';
import type { SignIn } from '../contract.ts';
import { apiField, clientIdField, secretField } from '../fields.ts';
import { tokensOf } from './tokens.ts';

type Values = Record<string, string>;
const apiOf = (values: Values) => rootOf(values['api'], 'https://api.linkedin.com');
const oauthOf = (values: Values) => `${webOf(apiOf(values), 'https://www.linkedin.com')}/oauth/v2`;

/** https://learn.microsoft.com/linkedin/shared/authentication/authorization-code-flow, then the pages that the member runs. */
export const linkedInSignIn = (version: string): SignIn => ({
  fields: [
    clientIdField('Client ID', 'Your app on linkedin.com/developers, tab Auth.'),
    secretField(
      'clientSecret',
      'Client secret',
      'Same place. With it LinkedIn can also tell us about comments at once.',
    ),
    apiField('LinkedIn', 'https://api.linkedin.com'),
  ],
  steps: [
    'Make an app on linkedin.com/developers, let an administrator of the page verify it, and ask for the Community Management API. LinkedIn reviews the request.',
    'On the tab Auth paste the address shown here as an authorized redirect URL.',
    'Copy the client ID and secret here, and sign in as an administrator of the page.',
    'LinkedIn allows what members write to be kept for 48 hours: set the retention of mentions accordingly.',
  ],
  scopes: [
    'r_organization_social',
    'w_organization_social',
    'r_organization_social_feed',
    'w_organization_social_feed',
    'rw_organization_admin',
  ],
  scopeSeparator: ' ',
  pkce: false,
  client: 'form',
  clientSecret: 'clientSecret',
  authorizeAt: (values) => `${oauthOf(values)}/authorization`,
  tokenAt: (values) => `${oauthOf(values)}/accessToken`,
  async accounts(granted, values, tools, signal) {
    const get = async (path: string) => {
      const answer = await askJson(tools, {
        method: 'GET',
        url: `${apiOf(values)}/rest/${path}`,
        signal,
        headers: {
          authorization: `Bearer ${granted.accessToken}`,
          'linkedin-version': version,
          'x-restli-protocol-version': '2.0.0',
        },
      });
      if (answer.status === 200) return recordOf(answer.json);
      const said = textOf(recordOf(answer.json)['message']);
      throw failureOfAnswer(answer, { network: 'LinkedIn', now: tools.now(), safe: true, said });
    };
    const acls = await get('organizationAcls?q=roleAssignee&role=ADMINISTRATOR&state=APPROVED&count=50');
    const ids = listOf(acls['elements']).flatMap((one) => {
      const urn = textOf(recordOf(one)['organization']) ?? textOf(recordOf(one)['organizationTarget']);
      return /^urn:li:organization:(\d+)$/.exec(urn ?? '')?.[1] ?? [];
    });
    return Promise.all(
      ids.map(async (id) => ({
        id,
        name: textOf((await get(`organizations/${id}`))['localizedName']) ?? id,
        values: { organizationId: id, ...tokensOf(granted) },
      })),
    );
  },
});
