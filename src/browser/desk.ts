import { watchCopies } from './desk-copy.ts';
import { watchHold } from './desk-hold.ts';
import { watchKeys } from './desk-keys.ts';
import { follow } from './desk-live.ts';
import { watchPrint } from './desk-print.ts';
import { watchTemplates } from './desk-template.ts';
import { watchForms } from './desk-write.ts';

/** What makes the desk faster and live. Every screen works without it, by links and forms. */
watchForms();
watchTemplates();
watchPrint();
watchHold();
watchKeys();
watchCopies();
follow();
