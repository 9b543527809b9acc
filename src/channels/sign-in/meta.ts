import { rootOf, webOf } from '../ask-json.ts';
import { listOf, recordOf, textOf } from '../classify.ts';
import { ChannelError, type ChannelTools, type Granted, type SignIn } from '../contract.ts';
import { apiField, clientIdField, secretField } from '../fields.ts';
import { failureOfGraph, GRAPH_VERSION, openGraph, readPages } from '../graph.ts';
import { grantedBy } from './oauth.ts';
import { tokensOf } from './tokens.ts';

type Values = Record<string, string>;

const PAGE_SCOPES = [
  'pages_show_list',
  'pages_manage_posts',
  'pages_manage_engagement',
  'pages_read_engagement',
  'pages_read_user_content',
] as const;

/** The token of a sign-in lasts for an hour or two; this makes it one of 60 days. */
async function lengthened(
  network: string,
  url: string,
  query: Record<string, string>,
  short: Granted,
  tools: ChannelTools,
  signal: AbortSignal,
): Promise<Granted> {
  const answer = await tools.fetch(`${url}?${new URLSearchParams(query)}`, { signal, safe: true });
  const long = grantedBy(answer, tools.now());
  if (long !== undefined) return long;
  throw failureOfGraph(answer, { network, now: tools.now(), safe: true, token: short.accessToken });
}

const facebookApi = (values: Values) => rootOf(values['api'], 'https://graph.facebook.com');

/** https://developers.facebook.com/docs/facebook-login/guides/advanced/manual-flow, then the pages that the person runs. */
export const facebookSignIn: SignIn = {
  fields: [
    clientIdField('App ID', 'Your app on developers.facebook.com, Settings, Basic.'),
    secretField(
      'appSecret',
      'App secret',
      'Same page. With it every call is signed, and Facebook can tell us about comments at once.',
    ),
    apiField('Facebook', 'https://graph.facebook.com'),
  ],
  steps: [
    'Make an app of the type “Business” on developers.facebook.com and add the product “Facebook Login for Business”.',
    'In its settings paste the address shown here under “Valid OAuth Redirect URIs”.',
    'Ask for the permissions pages_show_list, pages_manage_posts, pages_manage_engagement, pages_read_engagement and pages_read_user_content; until Meta has reviewed them only people with a role in the app can sign in.',
    'Copy the app’s ID and secret here, and sign in as somebody who may do everything on the page.',
  ],
  scopes: PAGE_SCOPES,
  scopeSeparator: ',',
  pkce: false,
  client: 'form',
  clientSecret: 'appSecret',
  authorizeAt: (values) =>
    `${webOf(facebookApi(values), 'https://www.facebook.com')}/${GRAPH_VERSION}/dialog/oauth`,
  tokenAt: (values) => `${facebookApi(values)}/${GRAPH_VERSION}/oauth/access_token`,
  async accounts(granted, values, tools, signal) {
    const base = `${facebookApi(values)}/${GRAPH_VERSION}`;
    const appSecret = values['appSecret'] ?? '';
    const long = await lengthened(
      'Facebook',
      `${base}/oauth/access_token`,
      {
        grant_type: 'fb_exchange_token',
        client_id: values['clientId'] ?? '',
        client_secret: appSecret,
        fb_exchange_token: granted.accessToken,
      },
      granted,
      tools,
      signal,
    );
    const ask = openGraph({
      network: 'Facebook',
      base,
      tools,
      token: async () => long.accessToken,
      appSecret,
    });
    const list = (path: string, query: Record<string, string>) =>
      readPages(ask, { network: 'Facebook', method: 'GET', path, query, signal }, () => false);
    const permissions = await list('me/permissions', {});
    const missing = PAGE_SCOPES.filter(
      (scope) => !permissions.some((one) => one['permission'] === scope && one['status'] === 'granted'),
    );
    if (missing.length > 0)
      throw new ChannelError(
        'auth',
        `Facebook did not give us ${missing.join(', ')}. Start again and leave everything ticked.`,
        { code: 'missing_scope' },
      );
    const pages = await list('me/accounts', { fields: 'id,name,access_token,tasks', limit: '100' });
    return pages.flatMap((page) => {
      const id = textOf(page['id']);
      const accessToken = textOf(page['access_token']);
      const mayPost = listOf(page['tasks']).length === 0 || listOf(page['tasks']).includes('CREATE_CONTENT');
      if (id === undefined || accessToken === undefined || !mayPost) return [];
      // The token of a page that comes from a long one has no end.
      return [{ id, name: textOf(page['name']) ?? id, values: { pageId: id, accessToken } }];
    });
  },
};

/** Threads and Instagram: one account, a short token that is made a long one, and the account's name. */
async function oneAccount(
  network: 'Threads' | 'Instagram',
  root: string,
  base: string,
  grant: string,
  granted: Granted,
  values: Values,
  tools: ChannelTools,
  signal: AbortSignal,
) {
  const long = await lengthened(
    network,
    `${root}/access_token`,
    { grant_type: grant, client_secret: values['appSecret'] ?? '', access_token: granted.accessToken },
    granted,
    tools,
    signal,
  );
  const ask = openGraph({ network, base, tools, token: async () => long.accessToken });
  const me = recordOf(await ask({ method: 'GET', path: 'me', query: { fields: 'id,username' }, signal }));
  const username = textOf(me['username']) ?? '';
  const id = textOf(me['id']) ?? username;
  return [{ id, name: `@${username}`, values: { username, ...tokensOf(long) } }];
}

const threadsApi = (values: Values) => rootOf(values['api'], 'https://graph.threads.net');

/** https://developers.facebook.com/docs/threads/get-started/get-access-tokens-and-permissions */
export const threadsSignIn: SignIn = {
  fields: [
    clientIdField(
      'Threads app ID',
      'Your app on developers.facebook.com, Settings, Basic, “Threads App ID”.',
    ),
    secretField('appSecret', 'Threads app secret', 'Same page, “Threads App secret”.'),
    apiField('Threads', 'https://graph.threads.net'),
  ],
  steps: [
    'Make an app with the use case “Access the Threads API” on developers.facebook.com.',
    'Add threads_basic, threads_content_publish, threads_manage_replies, threads_read_replies, threads_manage_mentions and threads_delete, and add the account as a tester until Meta has reviewed them.',
    'In the use case’s settings paste the address shown here as a redirect callback URL.',
    'Copy the Threads app ID and secret here.',
  ],
  scopes: [
    'threads_basic',
    'threads_content_publish',
    'threads_manage_replies',
    'threads_read_replies',
    'threads_manage_mentions',
    'threads_delete',
  ],
  scopeSeparator: ',',
  pkce: false,
  client: 'form',
  clientSecret: 'appSecret',
  authorizeAt: (values) => `${webOf(threadsApi(values), 'https://threads.net')}/oauth/authorize`,
  tokenAt: (values) => `${threadsApi(values)}/oauth/access_token`,
  accounts(granted, values, tools, signal) {
    const root = threadsApi(values);
    return oneAccount('Threads', root, `${root}/v1.0`, 'th_exchange_token', granted, values, tools, signal);
  },
};

const instagramApi = (values: Values) => rootOf(values['api'], 'https://graph.instagram.com');

/** https://developers.facebook.com/docs/instagram-platform/instagram-api-with-instagram-login/business-login */
export const instagramSignIn: SignIn = {
  fields: [
    clientIdField(
      'Instagram app ID',
      'Your app on developers.facebook.com, Instagram, “API setup with Instagram login”.',
    ),
    secretField('appSecret', 'Instagram app secret', 'Same page.'),
    apiField('Instagram', 'https://graph.instagram.com'),
  ],
  steps: [
    'Make the account a professional one (Settings, Account type).',
    'Make an app on developers.facebook.com with Instagram, “API setup with Instagram login”.',
    'Under “Set up Instagram business login” paste the address shown here as an OAuth redirect URI.',
    'Copy the Instagram app ID and secret here.',
    'The status page has to be reachable from the internet over https: Instagram fetches the picture of each update from it.',
  ],
  scopes: [
    'instagram_business_basic',
    'instagram_business_content_publish',
    'instagram_business_manage_comments',
  ],
  scopeSeparator: ',',
  pkce: false,
  client: 'form',
  clientSecret: 'appSecret',
  authorizeAt: (values) => `${webOf(instagramApi(values), 'https://www.instagram.com')}/oauth/authorize`,
  tokenAt: (values) => `${webOf(instagramApi(values), 'https://api.instagram.com')}/oauth/access_token`,
  accounts(granted, values, tools, signal) {
    const root = instagramApi(values);
    const base = `${root}/${GRAPH_VERSION}`;
    return oneAccount('Instagram', root, base, 'ig_exchange_token', granted, values, tools, signal);
  },
};
