import { compileTemplate } from './compile.ts';
import type * as v from './desk-door-views.ts';

/** The desk's door: the screens of signing in, of one's own keys, and of everybody's. */
export const renderSignIn = compileTemplate<v.SignInView>('desk/sign-in.hbs');
export const renderLink = compileTemplate<v.LinkView>('desk/link.hbs');
export const renderSecond = compileTemplate<v.SecondView>('desk/second.hbs');
export const renderInvitation = compileTemplate<v.InvitationView>('desk/invitation.hbs');
export const renderSetUp = compileTemplate<v.SetUpView>('desk/set-up.hbs');
export const renderMe = compileTemplate<v.MeView>('desk/me.hbs');
export const renderLeaving = compileTemplate<v.LeavingView>('desk/leaving.hbs');
export const renderCodes = compileTemplate<v.CodesView>('desk/codes.hbs');
export const renderPeople = compileTemplate<v.PeopleView>('desk/people.hbs');
