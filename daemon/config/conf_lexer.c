/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config/conf_lexer.h"

#include <string.h>

/* The position in the text, and what was found before it. */
typedef struct Lexer {
    char *text;
    size_t at;
    int line;
    size_t column_at; /* a position in the line, and in which character of it that is */
    int column;
    int open_comment;
    GArray *tokens;
} Lexer;

static const char no_variables[] = "environment variables are not expanded";

static bool is_word(char c)
{
    return g_ascii_isalnum(c) || (c && strchr("_-./:%", c)) || (unsigned char) c >= 0x80;
}

/* What ends a word, valid or not. A NUL does too. */
static bool is_delimiter(const char *c)
{
    return !*c || strchr(" \t\r\n\"'#(){}=,", *c) || (c[0] == '+' && c[1] == '=');
}

static void blank(char *from, const char *to)
{
    for (; from < to; from++)
        if (*from != '\n')
            *from = ' ';
}

static Token *last_token(const Lexer *lexer)
{
    guint count = lexer->tokens->len;

    return count ? &g_array_index(lexer->tokens, Token, count - 1) : NULL;
}

static void begin_line(Lexer *lexer, size_t at)
{
    lexer->line++;
    lexer->column_at = at;
    lexer->column = 1;
}

/* In which character of its line `at` lies, which is not before the one asked for last. */
static int column_of(Lexer *lexer, size_t at)
{
    for (; lexer->column_at < at; lexer->column_at++)
        lexer->column += ((unsigned char) lexer->text[lexer->column_at] & 0xc0) != 0x80;
    return lexer->column;
}

/* Whether the # at `c` probably begins a value, as in colour = #ff0000. Read as a comment, it
 * would hide the } after it, and the message would be about that. */
static bool begins_value(const Lexer *lexer, const char *c)
{
    const Token *last = last_token(lexer);

    return last && token_is(last, '=') && last->line == lexer->line && g_ascii_isalnum(c[1]);
}

/* libConfuse ends the word at the #, but red#dark hardly contains a comment. */
static void refuse_touching_comment(Lexer *lexer)
{
    Token *last = last_token(lexer);

    if (last && last->end == lexer->at &&
        (last->type == TOKEN_WORD || last->type == TOKEN_INVALID)) {
        last->type = TOKEN_INVALID;
        last->problem = "a # starts a comment";
        last->fix = "put the value in quotes, or a space before the comment";
    }
}

static void skip_line_comment(Lexer *lexer)
{
    char *start = lexer->text + lexer->at;
    char *end = start + strcspn(start, "\n");

    if (*start == '#')
        refuse_touching_comment(lexer);
    blank(start, end);
    lexer->at = (size_t) (end - lexer->text);
}

static void skip_block_comment(Lexer *lexer)
{
    char *start = lexer->text + lexer->at;
    char *end = strstr(start + 2, "*/");

    if (!end)
        lexer->open_comment = lexer->line;
    end = end ? end + 2 : start + strlen(start);
    for (const char *c = start; c < end; c++)
        if (*c == '\n')
            begin_line(lexer, (size_t) (c + 1 - lexer->text));
    column_of(lexer, (size_t) (end - lexer->text)); /* before its characters are blanks */
    blank(start, end);
    lexer->at = (size_t) (end - lexer->text);
}

/* NULL, or what is wrong with the escape at `c`, a backslash in double quotes. */
static const char *escape_problem(const char *c)
{
    if (c[1] == 'x' && g_ascii_isxdigit(c[2]) && g_ascii_isxdigit(c[3]))
        return c[2] == '0' && c[3] == '0' ? "\\x00 is not allowed in a text" : NULL;
    return c[1] && strchr("\\\"'$ntr", c[1]) ? NULL : "unknown escape after a backslash";
}

/* Checks one character of a string in double quotes. */
static void check_string_character(Token *token, const char *c)
{
    if (token->problem)
        return;
    if (*c == '\\') {
        token->problem = escape_problem(c);
        token->fix = "write \\\\ for a backslash, or use single quotes";
    } else if (c[0] == '$' && c[1] == '{') {
        token->problem = no_variables;
        token->fix = "write the value, or \\${ for a literal ${";
    }
}

static Token lex_string(const Lexer *lexer)
{
    const char *text = lexer->text;
    char quote = text[lexer->at];
    Token token = { .type = TOKEN_STRING, .start = lexer->at, .line = lexer->line };
    size_t at = lexer->at + 1;

    while (text[at] && text[at] != '\n' && text[at] != quote) {
        if (quote == '"')
            check_string_character(&token, text + at);
        at += text[at] == '\\' && text[at + 1] && text[at + 1] != '\n' ? 2 : 1;
    }
    if (text[at] == quote) {
        token.end = at + 1;
    } else {
        token.end = at;
        token.problem = "the quote is not closed on this line";
        token.cut = true;
        token.fix = quote == '"' ? "close it with \"" : "close it with '";
    }
    if (token.problem)
        token.type = TOKEN_INVALID;
    return token;
}

enum { CURLY_BYTES = 3 };

/* Whether there is one of U+2018 to U+201F, which word processors make of ' and ". *straight: of
 * which of them. */
static bool is_curly(const char *c, char *straight)
{
    const unsigned char *byte = (const unsigned char *) c;

    if (byte[0] != 0xE2 || byte[1] != 0x80 || byte[2] < 0x98 || byte[2] > 0x9F)
        return false;
    *straight = byte[2] < 0x9C ? '\'' : '"';
    return true;
}

/* How many bytes close a text here: a quote of the kind, curly or straight, that ends a word. */
static size_t closes(const char *c, char straight)
{
    char kind = 0;
    size_t bytes = *c == straight ? 1 : is_curly(c, &kind) && kind == straight ? CURLY_BYTES : 0;

    return bytes && is_delimiter(c + bytes) ? bytes : 0;
}

/* A text in curly quotes, or to the end of the line. False: a word, which may begin with an
 * apostrophe. */
static bool lex_curly(const Lexer *lexer, Token *token)
{
    const char *start = lexer->text + lexer->at, *c = start;
    char straight = 0;

    if (!is_curly(start, &straight))
        return false;
    for (c += CURLY_BYTES; *c && *c != '\n' && !closes(c, straight);)
        c++;
    if (!closes(c, straight) && straight == '\'')
        return false;
    *token = (Token){ .type = TOKEN_INVALID, .start = lexer->at, .line = lexer->line };
    token->problem = "these quotes are curly";
    token->fix = "write straight ones: \"";
    token->end = lexer->at + (size_t) (c - start) + closes(c, straight);
    return true;
}

/* Whether the ; at `c` is there to end a setting: it ends its word, or another setting is joined to
 * it. In 5;50 it is part of a text. */
static bool ends_setting(const char *c)
{
    c += strspn(c, ";");
    if (is_delimiter(c))
        return true;
    while (!is_delimiter(c))
        c++;
    return c[strspn(c, " \t")] == '=';
}

/* Signs of shells and of other files, which quotes would not cure. The one at `c` may be the first
 * of its word. */
static void refuse_sign(Token *token, const char *c, bool first)
{
    if (token->problem)
        return;
    token->type = TOKEN_INVALID;
    token->problem = "not allowed without quotes";
    if (*c == ';' && ends_setting(c)) {
        token->problem = "a ; is not needed";
        token->fix = "end a setting with a space or a new line";
    } else if (first && *c == '~') {
        token->problem = "~ is not understood";
        token->fix = "write the whole path, from /";
    } else if (first && *c == '$') {
        token->problem = no_variables;
        token->fix = "write the value";
    }
}

static Token lex_word(const Lexer *lexer)
{
    Token token = { .type = TOKEN_WORD, .start = lexer->at, .line = lexer->line };
    const char *start = lexer->text + lexer->at, *c = start;

    if (*c == '#') {
        token.type = TOKEN_INVALID;
        token.problem = "a # starts a comment";
        c++;
    }
    for (; !is_delimiter(c); c++)
        if (!is_word(*c))
            refuse_sign(&token, c, c == start);
    token.end = (size_t) (c - lexer->text);
    return token;
}

static Token lex_token(const Lexer *lexer)
{
    const char *c = lexer->text + lexer->at;
    Token token = {
        .type = TOKEN_PUNCTUATION, .mark = *c, .start = lexer->at, .line = lexer->line
    };

    if (*c == '"' || *c == '\'')
        return lex_string(lexer);
    if (lex_curly(lexer, &token))
        return token;
    if (*c == '#' || !is_delimiter(c))
        return lex_word(lexer);
    token.end = lexer->at + (*c == '+' ? 2 : 1);
    return token;
}

GArray *conflexer_run(char *text, int *open_comment)
{
    Lexer lexer = {
        .text = text, .line = 1, .column = 1, .tokens = g_array_new(FALSE, TRUE, sizeof(Token))
    };

    while (text[lexer.at]) {
        const char *c = text + lexer.at;

        if (*c == '\n') {
            begin_line(&lexer, ++lexer.at);
        } else if (strchr(" \t\r", *c)) {
            text[lexer.at++] = ' '; /* to libConfuse, a \r is part of the value */
        } else if ((*c == '#' && !begins_value(&lexer, c)) || (c[0] == '/' && c[1] == '/')) {
            skip_line_comment(&lexer);
        } else if (c[0] == '/' && c[1] == '*') {
            skip_block_comment(&lexer);
        } else {
            Token token = lex_token(&lexer);
            token.column = column_of(&lexer, token.start);
            g_array_append_val(lexer.tokens, token);
            lexer.at = token.end;
        }
    }
    Token end = { .type = TOKEN_END, .start = lexer.at, .end = lexer.at, .line = lexer.line };
    g_array_append_val(lexer.tokens, end);
    *open_comment = lexer.open_comment;
    return lexer.tokens;
}

bool token_is(const Token *token, char mark)
{
    return token->type == TOKEN_PUNCTUATION && token->mark == mark;
}

bool token_is_value(const Token *token)
{
    return token->type == TOKEN_WORD || token->type == TOKEN_STRING;
}
