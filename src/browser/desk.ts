import { watchCommand } from './desk-command.ts';
import { watchCopies } from './desk-copy.ts';
import { watchDraft } from './desk-draft.ts';
import { watchHold } from './desk-hold.ts';
import { watchKeys } from './desk-keys.ts';
import { follow } from './desk-live.ts';
import { watchOnce } from './desk-once.ts';
import { watchPictures } from './desk-picture.ts';
import { watchPrint } from './desk-print.ts';
import { watchPush } from './desk-push.ts';
import { watchQuiet } from './desk-quiet.ts';
import { watchTemplates } from './desk-template.ts';
import { watchForms } from './desk-write.ts';

/** What makes the desk faster and live. Every screen works without it, by links and forms. */
watchOnce();
watchForms();
watchDraft();
watchQuiet();
watchTemplates();
watchPictures();
watchPrint();
watchHold();
watchKeys();
watchCommand();
watchCopies();
watchPush();
follow();
