//! From tokens to statements and expressions, by recursive descent.

use super::tokens::{Token, tokens};
use super::{Expr, Item, Kind, Part, Result};

pub(super) struct Parser {
    tokens: Vec<(Token, bool)>,
    at: usize,
}

impl Parser {
    pub(super) fn of(text: &str) -> Result<Self> {
        Ok(Self { tokens: tokens(text)?, at: 0 })
    }

    pub(super) fn statements(&mut self) -> Result<Vec<Item>> {
        let mut all = Vec::new();
        while *self.peek() != Token::End {
            all.extend(self.statement()?);
        }
        Ok(all)
    }

    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn is(&self, sign: &str) -> bool {
        matches!(self.peek(), Token::Sign(it) if *it == sign)
    }

    /// A sign that continues what is before it only on the same line.
    fn continues(&self, sign: &str) -> bool {
        self.is(sign) && !self.tokens[self.at].1
    }

    fn take(&mut self, sign: &str) -> bool {
        let is = self.is(sign);
        if is {
            self.next();
        }
        is
    }

    fn expect(&mut self, sign: &str) -> Result<()> {
        if self.take(sign) {
            return Ok(());
        }
        Err(format!("{:?} where {sign:?} belongs", self.peek()))
    }

    fn word(&mut self) -> Result<String> {
        match self.next() {
            Token::Word(word) => Ok(word),
            other => Err(format!("{other:?} where a name belongs")),
        }
    }

    fn fixed(&mut self) -> Result<String> {
        match self.next() {
            Token::Text(parts) => match parts.as_slice() {
                [Part::Fixed(text)] => Ok(text.clone()),
                _ => Err("a computed text where a fixed one belongs".to_owned()),
            },
            other => Err(format!("{other:?} where a text belongs")),
        }
    }

    fn statement(&mut self) -> Result<Option<Item>> {
        let (mut description, mut secure) = (None, false);
        while self.take("@") {
            let decorator = self.postfix()?;
            secure |= matches!(&decorator, Expr::Call(name, _) if name == "secure");
            if let Expr::Call(name, args) = decorator
                && name == "description"
                && let [Expr::Text(parts)] = args.as_slice()
                && let [Part::Fixed(text)] = parts.as_slice()
            {
                description = Some(text.clone());
            }
        }
        let keyword = self.word()?;
        let kind = match keyword.as_str() {
            "targetScope" => {
                self.expect("=")?;
                self.expression()?;
                return Ok(None);
            }
            "type" | "metadata" => {
                self.word()?;
                self.expect("=")?;
                self.skip_line();
                return Ok(None);
            }
            "param" => Kind::Param,
            "var" => Kind::Var,
            "resource" => Kind::Resource,
            "module" => Kind::Module,
            "output" => Kind::Output,
            other => return Err(format!("a statement {other:?}")),
        };
        let name = self.word()?;
        let mut item = Item {
            kind,
            name,
            of: String::new(),
            existing: false,
            description,
            secure,
            value: None,
        };
        if kind == Kind::Param {
            self.skip_type();
            if self.take("=") {
                item.value = Some(self.expression()?);
            }
            return Ok(Some(item));
        }
        if matches!(kind, Kind::Resource | Kind::Module) {
            item.of = self.fixed()?;
            item.existing = matches!(self.peek(), Token::Word(it) if it == "existing");
            if item.existing {
                self.next();
            }
        } else if kind == Kind::Output {
            self.skip_type();
        }
        self.expect("=")?;
        item.value = Some(self.conditional()?);
        Ok(Some(item))
    }

    fn skip_type(&mut self) {
        let mut depth = 0_usize;
        while *self.peek() != Token::End
            && !(depth == 0 && (self.tokens[self.at].1 || self.is("=")))
        {
            match self.next() {
                Token::Sign("{" | "[" | "(") => depth += 1,
                Token::Sign("}" | "]" | ")") => depth -= 1,
                _ => {}
            }
        }
    }

    fn skip_line(&mut self) {
        let mut depth = 0_usize;
        while *self.peek() != Token::End && !(depth == 0 && self.tokens[self.at].1) {
            match self.next() {
                Token::Sign("{" | "[" | "(") => depth += 1,
                Token::Sign("}" | "]" | ")") => depth -= 1,
                _ => {}
            }
        }
    }

    /// A body, possibly under a condition.
    fn conditional(&mut self) -> Result<Expr> {
        if matches!(self.peek(), Token::Word(it) if it == "if") {
            self.next();
            self.expect("(")?;
            let condition = self.expression()?;
            self.expect(")")?;
            return Ok(Expr::If(Box::new(condition), Box::new(self.expression()?)));
        }
        self.expression()
    }

    pub(super) fn expression(&mut self) -> Result<Expr> {
        let condition = self.binary(0)?;
        if !self.take("?") {
            return Ok(condition);
        }
        let yes = self.expression()?;
        self.expect(":")?;
        let no = self.expression()?;
        Ok(Expr::Choice(Box::new(condition), Box::new(yes), Box::new(no)))
    }

    fn binary(&mut self, level: usize) -> Result<Expr> {
        const LEVELS: [&[&str]; 6] = [
            &["??"],
            &["||"],
            &["&&"],
            &["==", "!=", "=~", "!~", "<=", ">=", "<", ">"],
            &["+", "-"],
            &["*", "/", "%"],
        ];
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(sign) = signs.iter().find(|sign| self.is(sign)) {
            self.next();
            let right = self.binary(level + 1)?;
            left = Expr::Binary((*sign).to_owned(), Box::new(left), Box::new(right));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Expr> {
        if self.take("!") {
            return Ok(Expr::Not(Box::new(self.unary()?)));
        }
        if self.take("-") {
            let zero = Box::new(Expr::Number(0));
            return Ok(Expr::Binary("-".to_owned(), zero, Box::new(self.unary()?)));
        }
        self.postfix()
    }

    fn postfix(&mut self) -> Result<Expr> {
        let mut expr = self.primary()?;
        loop {
            if self.continues(".") || self.continues(".?") {
                let safe = self.next() == Token::Sign(".?");
                let name = self.word()?;
                let of = Box::new(expr);
                expr = if self.continues("(") {
                    let mut args = vec![*of];
                    args.extend(self.arguments()?);
                    Expr::Call(name, args)
                } else {
                    Expr::Member { of, name, safe }
                };
            } else if self.continues("[") || self.continues("[?") {
                self.next();
                let at = Box::new(self.expression()?);
                self.expect("]")?;
                expr = Expr::Index { of: Box::new(expr), at };
            } else if self.continues("!") {
                self.next();
            } else {
                return Ok(expr);
            }
        }
    }

    fn arguments(&mut self) -> Result<Vec<Expr>> {
        self.expect("(")?;
        let mut all = Vec::new();
        while !self.take(")") {
            all.push(self.expression()?);
            self.take(",");
        }
        Ok(all)
    }

    fn primary(&mut self) -> Result<Expr> {
        match self.next() {
            Token::Text(parts) => Ok(Expr::Text(parts)),
            Token::Number(number) => Ok(Expr::Number(number)),
            Token::Sign("{") => self.object(),
            Token::Sign("[") => self.array(),
            Token::Sign("(") => self.parenthesised(),
            Token::Word(word) => match word.as_str() {
                "true" => Ok(Expr::Bool(true)),
                "false" => Ok(Expr::Bool(false)),
                "null" => Ok(Expr::Null),
                _ if self.continues("(") => Ok(Expr::Call(word, self.arguments()?)),
                _ if self.take("=>") => Ok(Expr::Lambda(vec![word], Box::new(self.expression()?))),
                _ => Ok(Expr::Name(word)),
            },
            other => Err(format!("{other:?} where a value belongs")),
        }
    }

    /// A value in parentheses, or the parameters of a lambda.
    fn parenthesised(&mut self) -> Result<Expr> {
        let start = self.at;
        let mut names = Vec::new();
        while let Token::Word(word) = self.peek().clone() {
            self.next();
            names.push(word);
            if !self.take(",") {
                break;
            }
        }
        if self.take(")") && self.take("=>") {
            return Ok(Expr::Lambda(names, Box::new(self.expression()?)));
        }
        self.at = start;
        let inner = self.expression()?;
        self.expect(")")?;
        Ok(inner)
    }

    /// The compiler takes a comma or a new line between two items, and never both (BCP238).
    fn comma(&mut self) -> Result<bool> {
        let is = self.take(",");
        if is && self.tokens[self.at].1 {
            return Err("a comma at the end of a line".to_owned());
        }
        Ok(is)
    }

    fn object(&mut self) -> Result<Expr> {
        let mut fields = Vec::new();
        while !self.take("}") {
            if self.comma()? {
                continue;
            }
            if self.take("...") {
                let spread = Expr::Spread(Box::new(self.expression()?));
                fields.push((spread, Expr::Null));
                continue;
            }
            let key = match self.next() {
                Token::Word(word) => Expr::Text(vec![Part::Fixed(word)]),
                Token::Text(parts) => Expr::Text(parts),
                other => return Err(format!("{other:?} where a property belongs")),
            };
            self.expect(":")?;
            fields.push((key, self.conditional()?));
        }
        Ok(Expr::Object(fields))
    }

    fn array(&mut self) -> Result<Expr> {
        if matches!(self.peek(), Token::Word(it) if it == "for") {
            self.next();
            let mut names = Vec::new();
            if self.take("(") {
                names.push(self.word()?);
                self.expect(",")?;
                names.push(self.word()?);
                self.expect(")")?;
            } else {
                names.push(self.word()?);
            }
            if self.word()? != "in" {
                return Err("a for without in".to_owned());
            }
            let over = Box::new(self.expression()?);
            self.expect(":")?;
            let body = Box::new(self.conditional()?);
            self.expect("]")?;
            return Ok(Expr::For { names, over, body });
        }
        let mut all = Vec::new();
        while !self.take("]") {
            if self.comma()? {
                continue;
            }
            let item = if self.take("...") {
                Expr::Spread(Box::new(self.expression()?))
            } else {
                self.expression()?
            };
            all.push(item);
        }
        Ok(Expr::Array(all))
    }
}
