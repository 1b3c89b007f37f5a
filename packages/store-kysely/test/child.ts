export { startChild } from '@tidings/testing';
