import { crashPointSuite } from './crash-point-suite.ts';

crashPointSuite('sqlite');
