import { compileTemplate } from './compile.ts';
import type * as v from './desk-judgement-views.ts';

/** The screens of judgement, each a whole document. */
export const renderFacts = compileTemplate<v.FactsView>('desk/facts.hbs');
export const renderOverride = compileTemplate<v.OverrideView>('desk/override.hbs');
export const renderPolicy = compileTemplate<v.PolicyView>('desk/policy.hbs');
export const renderReview = compileTemplate<v.ReviewView>('desk/review.hbs');
export const renderMaps = compileTemplate<v.MapsView>('desk/maps.hbs');
export const renderMap = compileTemplate<v.MapView>('desk/map.hbs');
export const renderAdvice = compileTemplate<v.AdviceView>('desk/advice.hbs');
export const renderRecord = compileTemplate<v.RecordView>('desk/record.hbs');
