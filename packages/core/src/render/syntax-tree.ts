/** The part of Handlebars' syntax tree that the passes here read and write; its own types are too loose to rely on. */
export interface Location {
  readonly start: { readonly line: number; readonly column: number };
  readonly end: { readonly line: number; readonly column: number };
}

export interface PathNode {
  type: 'PathExpression';
  data: boolean;
  depth: number;
  parts: string[];
  original: string;
  loc: Location;
}

export interface LiteralNode {
  type: 'StringLiteral' | 'NumberLiteral' | 'BooleanLiteral' | 'UndefinedLiteral' | 'NullLiteral';
  value?: unknown;
  original?: unknown;
  loc: Location;
}

export interface CallNode {
  type: 'SubExpression';
  path: PathNode;
  params: ExpressionNode[];
  hash?: HashNode | undefined;
  loc: Location;
}

export type ExpressionNode = PathNode | LiteralNode | CallNode;

export interface HashNode {
  type: 'Hash';
  pairs: { type: 'HashPair'; key: string; value: ExpressionNode; loc: Location }[];
  loc: Location;
}

export interface ContentNode {
  type: 'ContentStatement';
  value: string;
  loc: Location;
}

export interface CommentNode {
  type: 'CommentStatement';
  loc: Location;
}

export interface MustacheNode {
  type: 'MustacheStatement' | 'Decorator';
  path: PathNode | LiteralNode;
  params: ExpressionNode[];
  hash?: HashNode | undefined;
  escaped: boolean;
  loc: Location;
}

export interface BlockNode {
  type: 'BlockStatement' | 'PartialBlockStatement' | 'DecoratorBlock';
  /** Absent for a partial block, which has `name`. */
  path: PathNode | LiteralNode;
  name?: PathNode | LiteralNode | CallNode;
  params: ExpressionNode[];
  hash?: HashNode | undefined;
  program?: ProgramNode | null;
  inverse?: ProgramNode | null;
  loc: Location;
}

export interface PartialNode {
  type: 'PartialStatement';
  name: PathNode | LiteralNode | CallNode;
  params: ExpressionNode[];
  hash?: HashNode | undefined;
  loc: Location;
}

export type StatementNode = ContentNode | CommentNode | MustacheNode | BlockNode | PartialNode;

export interface ProgramNode {
  type: 'Program';
  body: StatementNode[];
  blockParams?: string[];
  loc: Location;
}

/** The path of a helper. */
export function helperPath(name: string, loc: Location): PathNode {
  return { type: 'PathExpression', data: false, depth: 0, parts: [name], original: name, loc };
}

/** A string in the template. */
export function textLiteral(value: string, loc: Location): LiteralNode {
  return { type: 'StringLiteral', value, original: value, loc };
}

/** A helper call in parentheses. */
export function callOf(name: string, params: ExpressionNode[], loc: Location): CallNode {
  return { type: 'SubExpression', path: helperPath(name, loc), params, loc };
}

/** A block of the named helper around statements, which must not be empty. */
export function blockOf(name: string, params: ExpressionNode[], body: StatementNode[]): BlockNode {
  const loc = (body[0] as StatementNode).loc;
  const program: ProgramNode = { type: 'Program', body, loc };
  return { type: 'BlockStatement', path: helperPath(name, loc), params, program, loc };
}
