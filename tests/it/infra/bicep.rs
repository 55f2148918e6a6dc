//! Reads Bicep: as much of the language as the templates in `infra/` use. What it does not know is an
//! error, so a template that uses more is noticed.

mod parser;
mod tokens;

use self::parser::Parser;

/// One file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) items: Vec<Item>,
}

#[derive(Debug)]
pub(super) struct Item {
    pub(super) kind: Kind,
    pub(super) name: String,
    /// The type of a resource, the path of a module.
    pub(super) of: String,
    pub(super) existing: bool,
    pub(super) description: Option<String>,
    pub(super) secure: bool,
    pub(super) value: Option<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Param,
    Var,
    Resource,
    Module,
    Output,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Expr {
    Text(Vec<Part>),
    Number(i64),
    Bool(bool),
    Null,
    Name(String),
    Object(Vec<(Expr, Expr)>),
    Array(Vec<Expr>),
    Call(String, Vec<Expr>),
    Member { of: Box<Expr>, name: String, safe: bool },
    Index { of: Box<Expr>, at: Box<Expr> },
    Not(Box<Expr>),
    Binary(String, Box<Expr>, Box<Expr>),
    Choice(Box<Expr>, Box<Expr>, Box<Expr>),
    For { names: Vec<String>, over: Box<Expr>, body: Box<Expr> },
    If(Box<Expr>, Box<Expr>),
    Lambda(Vec<String>, Box<Expr>),
    Spread(Box<Expr>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    Fixed(String),
    Value(Expr),
}

type Result<T> = std::result::Result<T, String>;

impl File {
    pub(super) fn parse(text: &str) -> Result<Self> {
        Ok(Self { items: Parser::of(text)?.statements()? })
    }

    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(move |item| item.kind == kind)
    }

    pub(super) fn get(&self, name: &str) -> Option<&Item> {
        self.items.iter().find(|item| item.name == name && item.kind != Kind::Output)
    }
}

impl Expr {
    fn parse(text: &str) -> Result<Self> {
        Parser::of(text)?.expression()
    }
}
