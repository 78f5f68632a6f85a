"""Settings of the project; those of textclean are at the end."""

BOT_NAME = "news"
SPIDER_MODULES = ["news.spiders"]
NEWSPIDER_MODULE = "news.spiders"
ROBOTSTXT_OBEY = True

# All that is needed. The texts of items are cleaned, and items that say nothing new are dropped, in this crawl and in later ones.
ADDONS = {"textclean.scrapy.Addon": 500}

# The fields that hold text; "text" is the default.
TEXTCLEAN_FIELD = "text"
# "drop", "paragraphs" or "mark": docs/scrapy.md says what each does.
TEXTCLEAN_ON_DUPLICATE = "drop"
# What was removed is listed in this field.
TEXTCLEAN_REMOVALS_FIELD = "removals"
