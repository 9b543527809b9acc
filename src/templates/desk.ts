import { compileTemplate } from './compile.ts';
import type * as b from './desk-board-views.ts';
import type * as c from './desk-connect-views.ts';
import type * as d from './desk-delivery-views.ts';
import type * as i from './desk-inbox-views.ts';
import type * as n from './desk-incident-views.ts';
import type * as l from './desk-lint-views.ts';
import type * as g from './desk-page-views.ts';
import type * as m from './desk-plan-views.ts';
import type * as p from './desk-report-views.ts';
import type * as s from './desk-subscriber-views.ts';
import type * as x from './desk-template-views.ts';
import type * as u from './desk-update-views.ts';
import type * as v from './desk-views.ts';

/** The console's screens, each a whole document. */
export const renderMessage = compileTemplate<v.MessageView>('desk/message.hbs');
export const renderBoard = compileTemplate<b.BoardView>('desk/board.hbs');
export const renderDeclare = compileTemplate<n.DeclareView>('desk/declare.hbs');
export const renderIncidents = compileTemplate<n.IncidentsView>('desk/incidents.hbs');
export const renderDeskIncident = compileTemplate<n.IncidentView>('desk/incident.hbs');
export const renderCompose = compileTemplate<u.ComposeView>('desk/compose.hbs');
export const renderApprovals = compileTemplate<u.ApprovalsView>('desk/approvals.hbs');
export const renderApprove = compileTemplate<u.ApproveView>('desk/approve.hbs');
export const renderDeliveries = compileTemplate<d.DeliveriesView>('desk/deliveries.hbs');
export const renderUpdateDeliveries = compileTemplate<d.UpdateDeliveriesView>('desk/update-deliveries.hbs');
export const renderInbox = compileTemplate<i.InboxView>('desk/inbox.hbs');
export const renderTogether = compileTemplate<i.TogetherView>('desk/together.hbs');
export const renderConnections = compileTemplate<c.ConnectionsView>('desk/connections.hbs');
export const renderConnect = compileTemplate<c.ConnectView>('desk/connect.hbs');
export const renderChoose = compileTemplate<c.ChooseView>('desk/choose.hbs');
export const renderSecret = compileTemplate<v.SecretView>('desk/secret.hbs');
export const renderSettings = compileTemplate<v.SettingsView>('desk/settings.hbs');
export const renderNoChange = compileTemplate<p.NoChangeView>('desk/no-change.hbs');
export const renderPageSettings = compileTemplate<g.PageSettingsView>('desk/page.hbs');
export const renderComponents = compileTemplate<g.ComponentsView>('desk/components.hbs');
export const renderPlan = compileTemplate<m.PlanView>('desk/maintenance.hbs');
export const renderReport = compileTemplate<p.ReportView>('desk/report.hbs');
export const renderTemplates = compileTemplate<x.TemplatesView>('desk/templates.hbs');
export const renderTemplate = compileTemplate<x.TemplateView>('desk/template.hbs');
export const renderSubscribers = compileTemplate<s.SubscribersView>('desk/subscribers.hbs');
export const renderHelp = compileTemplate<v.HelpView>('desk/help.hbs');

/** The parts of the composer that follow what is typed, each by the id of the element it replaces. */
const PREVIEW = {
  rends: compileTemplate<u.PreviewView>('partials/desk/rends.hbs'),
  verdict: compileTemplate<u.PreviewView>('partials/desk/verdict.hbs'),
};
const lints = compileTemplate<l.LintsView>('partials/desk/lints.hbs');
export const renderPreview = (view: u.PreviewView): Record<string, string> => ({
  rends: PREVIEW.rends(view),
  verdict: PREVIEW.verdict(view),
  ...Object.fromEntries(view.lints.map((x) => [`l-${x.name}`, lints(x)])),
});
