// How the shell reads a line before it runs anything: it cuts the line into tokens, and later expands words to
// arguments (quotes, $variables, file names for *).
#pragma once

#include <ctype.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// Removes the characters of arrow and function keys: ESC [ ... and a letter or ~, or ESC and one or two others.
static void drop_keys(char* line) {
    char* to = line;
    for (const char* from = line; *from != 0;) {
        if (*from != '\033') {
            *to++ = *from++;
            continue;
        }
        ++from;
        if (*from == '[') from += 1 + strspn(from + 1, "0123456789;");
        if (*from == 'O' && from[1] >= ' ') ++from;
        if (*from >= ' ') ++from;
    }
    *to = 0;
}

// --- tokens: operators, and words as they were typed

struct token {
    char* text;
    int is_operator;
};
enum { max_tokens = 1024 };

// An operator stands before its own prefixes (2>> before 2>). The operators from ; on end a command.
static const char* const operators[] = {"2>&1", ">&2", "2>>", "2>", ">>", ">", "<",
                                        "&&",   "||",  ";",   "&",  "|",  "(", ")"};
enum { operator_count = sizeof operators / sizeof operators[0] };

static int is(const struct token* token, const char* op) { return token->is_operator && strcmp(token->text, op) == 0; }
static int is_redirection(const struct token* token) {
    return token->is_operator && strpbrk(token->text, "<>") != NULL;
}
// Whether the next word is the name of a file.
static int takes_file(const struct token* token) { return is_redirection(token) && strchr(token->text, '&') == NULL; }

// The length of the word at `text`, which ends at a blank or an operator outside quotes. 0: a quote is not closed.
static size_t word_length(const char* text) {
    char quote = 0;
    size_t n = 0;
    for (; text[n] != 0 && (quote != 0 || strchr(" \t\n|&;<>()", text[n]) == NULL); ++n) {
        if (text[n] == '\\' && quote != '\'' && text[n + 1] != 0) {
            ++n;
        } else if (text[n] == quote) {
            quote = 0;
        } else if (quote == 0 && (text[n] == '\'' || text[n] == '"')) {
            quote = text[n];
        }
    }
    return quote == 0 ? n : 0;
}

// Why the tokens make no valid line; NULL: they do.
static const char* complaint(const struct token* t, int count) {
    int depth = 0;
    for (int i = 0; i < count; ++i) {
        depth += is(&t[i], "(") - is(&t[i], ")");
        int joins = is(&t[i], "|") || is(&t[i], "&&") || is(&t[i], "||");
        int starts = i == 0 || (t[i - 1].is_operator && !is_redirection(&t[i - 1]) && !is(&t[i - 1], ")"));
        int word_follows = i + 1 < count && !t[i + 1].is_operator;
        int command_follows = word_follows || (i + 1 < count && (is(&t[i + 1], "(") || is_redirection(&t[i + 1])));
        if (joins && (starts || !command_follows)) return "a command is missing";
        if (takes_file(&t[i]) && !word_follows) return "a file name is missing";
        if (depth < 0 || (is(&t[i], "(") && !starts)) return "unexpected parenthesis";
    }
    return depth == 0 ? NULL : "a ) is missing";
}

// Returns the number of tokens in the line. -1: a syntax error, which has been printed.
static int cut(const char* line, struct token* tokens) {
    const char* wrong = NULL;
    int count = 0;
    while (line += strspn(line, " \t\n"), wrong == NULL && *line != 0 && *line != '#') {
        int op = 0;
        while (op < operator_count && strncmp(line, operators[op], strlen(operators[op])) != 0) ++op;
        size_t length = op < operator_count ? strlen(operators[op]) : word_length(line);
        if (length == 0 || count == max_tokens) wrong = length == 0 ? "a quote is not closed" : "the line is too long";
        if (wrong == NULL) tokens[count++] = (struct token){strndup(line, length), op < operator_count};
        line += length;
    }
    if (wrong == NULL) wrong = complaint(tokens, count);
    if (wrong == NULL) return count;
    fprintf(stderr, "sh: %s\n", wrong);
    while (count > 0) free(tokens[--count].text);
    return -1;
}

// --- variables: all of them are in the environment, so every command gets them

static const char* get_variable(const char* name) {
    const char* value = getenv(name);
    return value != NULL ? value : "";
}

static int last_status;        // $?
static pid_t last_background;  // $!
static char** script;          // $0, $1, ...
static int script_words;

static size_t name_length(const char* text) {
    size_t n = 0;
    while (isalpha((unsigned char)text[n]) || text[n] == '_' || (n > 0 && isdigit((unsigned char)text[n]))) ++n;
    return n;
}
static int is_assignment(const char* word) { return name_length(word) > 0 && word[name_length(word)] == '='; }

// The value of the parameter whose name follows a $, and the length of that name. NULL: no name follows.
static const char* parameter(const char* text, size_t* length) {
    static char buffer[256];
    *length = 1;
    if (*text != 0 && strchr("?$!", *text) != NULL) {
        snprintf(buffer, sizeof buffer, "%d", *text == '?' ? last_status : *text == '$' ? getpid() : last_background);
        return buffer;
    }
    if (isdigit((unsigned char)*text)) return *text - '0' < script_words ? script[*text - '0'] : "";
    int braces = *text == '{';
    size_t size = name_length(text + braces);
    if (size == 0 || size >= sizeof buffer || (braces && text[1 + size] != '}')) return NULL;
    *length = size + 2 * (size_t)braces;
    snprintf(buffer, size + 1, "%s", text + braces);
    return get_variable(buffer);
}

// --- expansion: glob(3) collects the words

// In a field, a backslash precedes each character that must not act as a pattern.
static void put(FILE* field, char c, int literal) {
    if (literal && strchr("*?[\\", c) != NULL) fputc('\\', field);
    fputc(c, field);
}

// Ends a field: appends the file names that match it, or the field itself if none matches.
static void end_field(FILE* stream, char* const* field, glob_t* words) {
    fputc(0, stream);
    fflush(stream);
    glob(*field, GLOB_NOCHECK | GLOB_APPEND, NULL, words);
    char* to = words->gl_pathv[words->gl_pathc - 1];
    if (strcmp(to, *field) == 0) {
        for (const char* from = to; *from != 0; *to++ = *from++) from += *from == '\\' && from[1] != 0;
        *to = 0;
    }
    rewind(stream);
}

// Appends what a word expands to: with `split`, the fields and file names in it; else exactly one word.
static void expand(const char* text, int split, glob_t* words) {
    char *field = NULL, quote = 0;
    size_t size, length;
    FILE* stream = open_memstream(&field, &size);
    int begun = !split;  // whether a field has begun, even an empty one
    for (const char* value; *text != 0; ++text) {
        int literal = quote != 0 || !split;
        if (*text == quote) {
            quote = 0;
        } else if (quote == 0 && (*text == '\'' || *text == '"')) {
            quote = *text;
            begun = 1;
        } else if (*text == '$' && quote != '\'' && (value = parameter(text + 1, &length)) != NULL) {
            for (; *value != 0; ++value) {
                int blank = !literal && isspace((unsigned char)*value);
                if (!blank) put(stream, *value, literal);
                if (blank && begun) end_field(stream, &field, words);
                begun = !blank;
            }
            text += length;
        } else {
            int escaped = *text == '\\' && text[1] != 0 && (quote == 0 || (quote == '"' && strchr("$\"\\", text[1])));
            text += escaped;
            put(stream, *text, escaped || literal);
            begun = 1;
        }
    }
    if (begun) end_field(stream, &field, words);
    fclose(stream);
    free(field);
}
