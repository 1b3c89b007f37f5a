import { crashPointSuite } from './crash-point-suite.ts';

crashPointSuite('memory');
