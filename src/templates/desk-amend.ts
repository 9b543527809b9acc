import { compileTemplate } from './compile.ts';
import type { AmendView } from './desk-amend-views.ts';

/** The screen on which published words begin to be put right. */
export const renderAmend = compileTemplate<AmendView>('desk/amend.hbs');
